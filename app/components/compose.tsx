import { Form, Link, useSearchParams } from "@remix-run/react";
import { Button } from "./button.tsx";
import { useDeskKeys } from "./desk-keys.tsx";
import { AreaField, Field } from "./field.tsx";
import { FormError } from "./form.tsx";
import { moneyParts } from "./money.tsx";
import { useReader } from "./reader.ts";

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

const keyOf: Partial<Record<ComposeKey, string>> = { answer: "R", note: "N" };

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

/** One form at a time, chosen by links, so that it works before and without JavaScript. */
export function Compose({
  tabs,
  tab,
  dispute,
  refused,
  path,
}: {
  tabs: readonly Tab[];
  tab: ComposeKey;
  dispute: { amount: number; currency: string };
  refused: Refused | undefined;
  /** The address of the dispute. */
  path: string;
}) {
  const keys = useDeskKeys();
  const [search] = useSearchParams();
  const chosen = tabs.find(({ key }) => key === tab) ?? tabs[0];
  if (!chosen) return null;
  const linkTo = (key: ComposeKey) => {
    const query = new URLSearchParams(search);
    query.set("write", key);
    return `${path}?${query}`;
  };
  const mine = refused?.values["do"] === chosen.key ? refused : undefined;
  return (
    <div className={chosen.key === "note" ? "compose compose--note" : "compose"} id="compose">
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
      <Form
        method="post"
        action={`${path}${search.size === 0 ? "" : `?${search}`}`}
        key={chosen.key}
      >
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
            required={!["resolve", "reopen"].includes(chosen.key)}
            defaultValue={mine?.values["text"] ?? ""}
            error={mine?.errors["text"] ?? mine?.errors["message"]}
          />
        </div>
        <div className="compose__foot">
          <span className="faint tiny">{footOf(chosen.key)}</span>
          <Button look={chosen.key === "reject" ? "danger" : "main"}>{chosen.send}</Button>
        </div>
      </Form>
    </div>
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
  const { whole, fraction } = moneyParts(dispute, locale);
  return (
    <div className="row compose__fields">
      <Field
        label={`Credit, ${dispute.currency}`}
        name="credit"
        numeric
        inputMode="decimal"
        required
        defaultValue={refused?.values["credit"] ?? `${whole}${fraction}`}
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
      return "Up to the amount in dispute. The credit is pending until the system shows it.";
    case "reject":
    case "answer":
    case "reopen":
      return "The customer is told by mail.";
  }
}
