import { Form } from "@remix-run/react";
import { Button } from "./button.tsx";
import { AreaField } from "./field.tsx";
import { When } from "./when.tsx";

interface Said {
  sequence: number;
  side: "customer" | "supplier";
  author: string;
  /** What it did besides, "opened the dispute". */
  did: string | null;
  text: string;
  at: string;
}

/** What both sides said, oldest first. */
export function Talk({
  said,
  company,
  supplier,
}: {
  said: readonly Said[];
  company: string;
  supplier: string;
}) {
  if (said.length === 0) return <p className="small faint">Nobody wrote anything yet.</p>;
  return (
    <ol className="talk">
      {said.map(({ sequence, side, author, did, text, at }) => (
        <li key={sequence}>
          <p className="talk__who">
            {author}{" "}
            <span>
              {side === "customer" ? company : supplier}
              {did === null ? null : `, ${did}`}
            </span>
          </p>
          <When at={at} zone />
          {text === "" ? null : <p className="talk__text">{text}</p>}
        </li>
      ))}
    </ol>
  );
}

/** Where the customer writes; `sent` changes once a message was recorded, which empties the field. */
export function Reply({
  supplier,
  error,
  text,
  sent,
}: {
  supplier: string;
  error?: string | undefined;
  text?: string | undefined;
  sent: number;
}) {
  return (
    <Form method="post" className="reply" id="reply" key={sent}>
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
    </Form>
  );
}
