import type { ReactNode } from "react";
import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";

interface FieldLine {
  name: string;
  type: string;
  required: boolean;
  words: string;
  /** Where a parameter stands: path, query or header. */
  where?: string;
}

export interface ShownOperation {
  id: string;
  method: string;
  path: string;
  summary: string;
  words: string;
  roles: readonly string[];
  parameters: readonly FieldLine[];
  sent: readonly FieldLine[];
  curl: string;
  answer: { status: string; words: string; fields: readonly FieldLine[]; example: string };
  refusals: readonly { status: string; words: string }[];
}

/** One operation of the API: what it takes, a call to paste, what comes back and what is refused. */
export function ApiOperation({ operation }: { operation: ShownOperation }) {
  const { id, method, path, summary, words, roles, answer, refusals } = operation;
  return (
    <section className="sec operation" aria-labelledby={id}>
      <div>
        <h3 id={id}>
          <a href={`#${id}`}>{summary}</a>
        </h3>
        <p className="sec__note">
          {roles.length === 0 ? "No key is needed." : `Keys of ${roles.join(", ")}.`}
        </p>
      </div>
      <div className="stack-4">
        <p className="operation__at">
          <b>{method}</b> <code>{path}</code>
        </p>
        <p>
          <Words text={words} />
        </p>
        <Fields title="Parameters" fields={operation.parameters} />
        <Fields title="Body" fields={operation.sent} />
        <Sample title="Call" text={operation.curl} />
        <h4>
          {answer.status}: <Words text={answer.words} />
        </h4>
        {answer.example === "" ? null : <Sample title="Example answer" text={answer.example} />}
        {answer.fields.length === 0 ? null : (
          <details>
            <summary>Fields of the answer</summary>
            <Fields title="Fields" fields={answer.fields} />
          </details>
        )}
        <details>
          <summary>Other answers</summary>
          <dl className="pairs pairs--start">
            {refusals.map((refusal) => (
              <div key={refusal.status}>
                <dt>{refusal.status}</dt>
                <dd>
                  <Words text={refusal.words} />
                </dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
    </section>
  );
}

function Fields({ title, fields }: { title: string; fields: readonly FieldLine[] }) {
  if (fields.length === 0) return null;
  return (
    <LedgerTable caption={title} plain stacked>
      <thead>
        <tr>
          <Th>{title}</Th>
          <Th>Type</Th>
          <Th>Meaning</Th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ name, type, required, words, where }) => (
          <Row key={`${where ?? ""} ${name}`}>
            <Td phone="full">
              <code className="operation__name">{name}</code>
              <small>
                {[where, required ? "required" : "optional"].filter(Boolean).join(", ")}
              </small>
            </Td>
            <Td phone="full">{type}</Td>
            <Td phone="full" tone="soft">
              <Words text={words} />
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}

function Sample({ title, text }: { title: string; text: string }) {
  return (
    <figure className="operation__sample">
      <figcaption className="tiny faint">{title}</figcaption>
      <pre className="raw">{text}</pre>
    </figure>
  );
}

/** Text with `code` and **what matters** marked. */
export function Words({ text }: { text: string }): ReactNode {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part, at) => {
    if (part.startsWith("`")) return <code key={at}>{part.slice(1, -1)}</code>;
    if (part.startsWith("**")) return <b key={at}>{part.slice(2, -2)}</b>;
    return part;
  });
}
