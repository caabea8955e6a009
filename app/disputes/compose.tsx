import { Link, useSearchParams } from "@remix-run/react";
import { useEffect } from "react";
import { dropDraft, isSaid, readDraft } from "#app/ui/draft.ts";
import { Button } from "#app/ui/button.tsx";
import { useDeskKeys } from "./desk-keys.tsx";
import { AreaField, Field } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Leftover } from "./leftover.tsx";
import { PostForm } from "#app/ui/post-form.tsx";
import { moneyText } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";

export type ComposeKey = "answer" | "ask" | "note" | "resolve" | "reject" | "reopen";
type Tab = { key: ComposeKey; label: string; text: string; send: string };

const tabs: Record<ComposeKey, Tab> = {
  answer: { key: "answer", label: "Reply", text: "To the customer", send: "Send reply" },
  ask: { key: "ask", label: "Ask", text: "Question to the customer", send: "Ask and wait" },
  note: { key: "note", label: "Internal note", text: "For finance only", send: "Keep note" },
  resolve: {
    key: "resolve",
    label: "Resolve",
    text: "To the customer",
    send: "Resolve with this credit",
  },
  reject: { key: "reject", label: "Reject", text: "Reason, the customer reads it", send: "Reject" },
  reopen: { key: "reopen", label: "Open again", text: "To the customer", send: "Open again" },
};

const keyOf: Partial<Record<ComposeKey, string>> = {
  answer: "R",
  ask: "A",
  resolve: "E",
  reject: "X",
  note: "N",
};

/** What can be done with words to a dispute that is open, or closed. */
export function composeTabs({ isOpen }: { isOpen: boolean }): readonly Tab[] {
  const { answer, ask, note, resolve, reject, reopen } = tabs;
  return isOpen ? [answer, ask, resolve, reject, note] : [note, reopen];
}

export type Refused = {
  message: string;
  errors: Record<string, string>;
  values: Record<string, string>;
};

interface Composed {
  tabs: readonly Tab[];
  tab: ComposeKey;
  dispute: { id: string; isOpen: boolean; amount: number; currency: string };
  refused: Refused | undefined;
  /** The address of the dispute. */
  path: string;
  /** What the supplier said in it so far. */
  said: readonly string[];
}

/**
 * One form at a time, chosen by links, so that it works before and without JavaScript. Words to the
 * customer are one draft, whichever way they are sent; those of a note are never among them.
 */
export function Compose({ tabs, tab, dispute, refused, path, said }: Composed) {
  const keys = useDeskKeys();
  const [search] = useSearchParams();
  const chosen = tabs.find(({ key }) => key === tab) ?? tabs[0];
  if (!chosen) return null;
  const linkTo = (key: ComposeKey) => {
    const query = new URLSearchParams(search);
    query.set("write", key);
    query.delete("done");
    return `${path}?${query}`;
  };
  const isOver = refused !== undefined && tabs.every(({ key }) => key !== refused.values["do"]);
  return (
    <div className={chosen.key === "note" ? "compose compose--note" : "compose"} id="compose">
      {isOver ? <FormError>{refused.message}</FormError> : null}
      {dispute.isOpen || chosen.key === "reopen" ? null : (
        <Leftover draft={draftOf(dispute.id, "reopen")} said={said} reopen={linkTo("reopen")} />
      )}
      <nav className="compose__tabs" aria-label="What to write">
        {tabs.map(({ key, label }) => (
          <Link
            key={key}
            to={linkTo(key)}
            aria-current={key === chosen.key ? "true" : undefined}
            preventScrollReset
          >
            {label}
            {keys === "on" && keyOf[key] !== undefined ? (
              <>
                {" "}
                <kbd className="wide-only">{keyOf[key]}</kbd>
              </>
            ) : null}
          </Link>
        ))}
      </nav>
      <SentDraft draft={draftOf(dispute.id, chosen.key)} said={said} />
      <ComposeForm key={chosen.key} {...{ chosen, dispute, refused, path }} />
    </div>
  );
}

/** Forgets what was sent by another page than the one that is shown now; it stands before the form. */
function SentDraft({ draft, said }: { draft: string; said: readonly string[] }) {
  useEffect(() => {
    if (isSaid(readDraft(draft), said)) dropDraft(draft);
  }, [draft, said]);
  return null;
}

function draftOf(dispute: string, key: ComposeKey): string {
  return `${dispute} ${key === "note" ? "note" : "words"}`;
}

function ComposeForm({
  chosen,
  dispute,
  refused,
  path,
}: Omit<Composed, "tabs" | "tab" | "said"> & { chosen: Tab }) {
  const [search] = useSearchParams();
  const query = new URLSearchParams(search);
  query.delete("done");
  const draft = draftOf(dispute.id, chosen.key);
  const mine = refused?.values["do"] === chosen.key ? refused : undefined;
  return (
    <PostForm draft={draft} action={`${path}${query.size === 0 ? "" : `?${query}`}`}>
      <input type="hidden" name="do" value={chosen.key} />
      <div className="compose__text stack-4">
        {mine && Object.keys(mine.errors).length === 0 ? (
          <FormError>{mine.message}</FormError>
        ) : null}
        {chosen.key === "resolve" ? <ResolveFields dispute={dispute} refused={mine} /> : null}
        <AreaField
          label={chosen.text}
          name="text"
          rows={3}
          maxLength={5000}
          required={chosen.key !== "reopen"}
          defaultValue={mine?.values["text"] ?? ""}
          error={mine?.errors["text"] ?? mine?.errors["message"]}
        />
      </div>
      <div className="compose__foot">
        <span className="faint tiny">{footOf(chosen.key)}</span>
        <Button look={chosen.key === "reject" ? "danger" : "main"}>{chosen.send}</Button>
      </div>
    </PostForm>
  );
}

function ResolveFields({
  dispute,
  refused,
}: {
  dispute: { amount: number; currency: string };
  refused: Refused | undefined;
}) {
  const { locale } = useReader();
  const most = moneyText(dispute, locale);
  return (
    <div className="row compose__fields">
      <Field
        label={`Credit, ${dispute.currency}`}
        name="credit"
        numeric
        inputMode="decimal"
        required
        hint={`0 for none, at most ${most}`}
        defaultValue={refused?.values["credit"] ?? ""}
        error={refused?.errors["credit"]}
      />
      <Field
        label="Root cause (finance only)"
        name="rootCause"
        maxLength={200}
        defaultValue={refused?.values["rootCause"] ?? ""}
        error={refused?.errors["rootCause"]}
      />
    </div>
  );
}

function footOf(key: ComposeKey) {
  switch (key) {
    case "note":
      return "The customer never sees it.";
    case "ask":
      return "The dispute waits for the customer, the clock is paused.";
    case "resolve":
      return "The customer is told by mail. The credit is pending until the system shows it.";
    case "reject":
    case "answer":
    case "reopen":
      return "The customer is told by mail.";
  }
}
