import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { PostForm } from "./post-form.tsx";

/**
 * A button for what takes something away: it unfolds what will happen and the button that does it, with
 * and without JavaScript. `fields` are sent.
 */
export function AskFirst({
  label,
  question,
  sure,
  fields,
  action,
  children,
}: {
  label: string;
  /** What happens then, e.g. "Ines de Wolf is signed out at once." */
  question: string;
  sure: string;
  fields: Readonly<Record<string, string>>;
  /** Where the form goes; absent: to the page that it stands on. */
  action?: string;
  /** Further controls of the form, between the question and its button. */
  children?: ReactNode;
}) {
  return (
    <details className="ask" name="ask">
      <summary className="btn">{label}</summary>
      <div className="ask__box">
        <p className="small">{question}</p>
        <PostForm {...(action !== undefined && { action })}>
          {Object.entries(fields).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          {children}
          <Button look="danger">{sure}</Button>
        </PostForm>
      </div>
    </details>
  );
}
