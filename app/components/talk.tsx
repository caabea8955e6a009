import { Form } from "@remix-run/react";
import { Button } from "./button.tsx";
import { AreaField } from "./field.tsx";
import { When } from "./when.tsx";

interface Said {
  id: string;
  side: string;
  author: string;
  text: string;
  occurred_at: string;
}

/** What both sides said, oldest first. */
export function Talk({
  comments,
  company,
  supplier,
}: {
  comments: readonly Said[];
  company: string;
  supplier: string;
}) {
  return (
    <ol className="talk">
      {comments.map(({ id, side, author, text, occurred_at }) => (
        <li key={id}>
          <p className="talk__who">
            {author} <span>{side === "customer" ? company : supplier}</span>
          </p>
          <When at={occurred_at} zone />
          <p className="talk__text">{text}</p>
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
    <Form method="post" className="reply" key={sent}>
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
