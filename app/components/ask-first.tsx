import { Form } from "@remix-run/react";
import { Button } from "./button.tsx";

/**
 * A button for what takes something away: it unfolds what will happen and the button that does it, with
 * and without JavaScript. `fields` are sent.
 */
export function AskFirst({
  label,
  question,
  sure,
  fields,
}: {
  label: string;
  /** What happens then, e.g. "Ines de Wolf is signed out at once." */
  question: string;
  sure: string;
  fields: Readonly<Record<string, string>>;
}) {
  return (
    <details className="ask" name="ask">
      <summary className="btn">{label}</summary>
      <div className="ask__box">
        <p className="small">{question}</p>
        <Form method="post">
          {Object.entries(fields).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <Button look="danger">{sure}</Button>
        </Form>
      </div>
    </details>
  );
}
