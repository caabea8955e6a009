import { useState } from "react";
import { Button } from "#app/ui/button.tsx";
import { AreaField, SelectField } from "#app/ui/field.tsx";
import { PostForm } from "#app/ui/post-form.tsx";
import { When } from "#app/ui/when.tsx";

interface Said {
  sequence: number;
  disputeId: string | null;
  side: "customer" | "supplier";
  author: string;
  /** What it did besides, "opened the dispute". */
  did: string | null;
  text: string;
  at: string;
}

/** What both sides said, oldest first. Beside an invoice each says which of its `disputes` it is about. */
export function Talk({
  said,
  company,
  supplier,
  disputes = [],
}: {
  said: readonly Said[];
  company: string;
  supplier: string;
  disputes?: readonly { id: string; number: string }[];
}) {
  const about = (disputeId: string | null) => disputes.find(({ id }) => id === disputeId)?.number;
  if (said.length === 0) return <p className="small faint">Nobody wrote anything yet.</p>;
  return (
    <ol className="talk">
      {said.map(({ sequence, disputeId, side, author, did, text, at }) => (
        <li key={sequence}>
          <p className="talk__who">
            {author}{" "}
            <span>
              {side === "customer" ? company : supplier}
              {did === null ? null : `, ${did}`}
              {about(disputeId) ? `, ${about(disputeId)}` : null}
            </span>
          </p>
          <When at={at} zone />
          {text === "" ? null : <p className="talk__text">{text}</p>}
        </li>
      ))}
    </ol>
  );
}

interface Writing {
  supplier: string;
  error?: string | undefined;
  text?: string | undefined;
  /** Names what is written here, so that it is kept until it was sent. */
  draft: string;
}

/** Where the customer writes about a dispute or an invoice; only what they send themselves empties it. */
export function Reply({ supplier, error, text, draft }: Writing) {
  return (
    <PostForm className="reply" id="reply" draft={draft}>
      <Words {...{ supplier, error, text }} />
    </PostForm>
  );
}

interface Answerable {
  id: string;
  number: string;
  state: string;
}

/**
 * The same beside an invoice that is in dispute: it says what the words are about. A question that waits
 * comes first, so that what is written below it answers it, until something was chosen or begun.
 */
export function ReplyAbout({
  disputes,
  chosen,
  ...writing
}: Writing & { disputes: readonly Answerable[]; chosen: string | undefined }) {
  const [kept, setKept] = useState<string | null>(chosen ?? null);
  const waiting = disputes.filter(isWaiting);
  const first = waiting[0]?.id ?? "";
  const value = disputes.some(({ id }) => id === kept) || kept === "" ? (kept ?? first) : first;
  const answers = waiting.find(({ id }) => id === value);
  const options = [...waiting, ...disputes.filter((dispute) => !isWaiting(dispute))].map(
    (dispute) => [dispute.id, aboutWords(dispute)] as const,
  );
  return (
    <PostForm
      className="reply"
      id="reply"
      draft={writing.draft}
      onSent={() => setKept(null)}
      onInput={() => setKept(value)}
    >
      <SelectField
        label="About"
        name="disputeId"
        value={value}
        onChange={({ target }) => setKept(target.value)}
        options={[...options, ["", "The invoice in general"]]}
        hint={
          answers &&
          `Your answer gives ${answers.number} back to ${writing.supplier}, who go on with it.`
        }
      />
      <Words {...writing} />
    </PostForm>
  );
}

function isWaiting({ state }: Answerable): boolean {
  return state === "waiting_for_customer";
}

function aboutWords(dispute: Answerable): string {
  const { number } = dispute;
  return isWaiting(dispute) ? `${number}, which waits for your answer` : `Dispute ${number}`;
}

function Words({ supplier, error, text }: Omit<Writing, "draft">) {
  return (
    <>
      <input type="hidden" name="do" value="comment" />
      <AreaField
        label={`Write to ${supplier}`}
        name="text"
        required
        maxLength={5000}
        defaultValue={text}
        error={error}
      />
      <div className="reply__row">
        <Button look="main">Send</Button>
      </div>
    </>
  );
}
