import { toDecimal } from "#domain/money.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { clip } from "#domain/text.ts";
import type { QboInvoice } from "./objects.ts";

/** Where a company keeps the portal's state; set up by its administrator. */
export interface StateSettings {
  /** Names of two of the sales forms' own text fields. */
  disputeField: string;
  promiseField: string;
  /** Whether the private note is used where the field is not on the form. */
  usesPrivateNote: boolean;
}

/** What an update of the invoice sends beside its id; what is left out stays as it is. */
type StateUpdate =
  { CustomField: NonNullable<QboInvoice["CustomField"]> } | { PrivateNote: string };

/** What has to be done for an invoice to show a state: nothing, an update, or why it cannot. */
export type Showing = "shown" | { update: StateUpdate } | { noPlace: string };

const longestField = 31;
const longestNote = 4000;

const words: Record<string, string> = {
  open: "OPEN",
  under_review: "REVIEW",
  waiting_for_customer: "WAITING",
  resolved: "RESOLVED",
  rejected: "REJECTED",
  withdrawn: "WITHDRAWN",
};

interface State {
  field: keyof Pick<StateSettings, "disputeField" | "promiseField">;
  /** For a text field. */
  value: string;
  /** For the private note: a line is replaced by the next one that begins with the same words. */
  line: { begins: string; rest: string };
}

/** What the invoice is to show because of the request; null where a note alone says it. */
export function stateOf(request: WriteBackRequest): State | null {
  const { event, dispute, promise, withdrawnPromise } = request;
  if (dispute && event.startsWith("dispute.")) {
    const { number, state, amount, creditedAmount } = dispute;
    const sum = toDecimal(state === "resolved" && creditedAmount ? creditedAmount : amount);
    const word = words[state] ?? state.toUpperCase();
    const whole = `${word} ${number} ${sum}`;
    const value = whole.length <= longestField ? whole : clip(`${word} ${number}`, longestField);
    const rest = `${state.replaceAll("_", " ")}, ${sum} ${amount.currency}`;
    return { field: "disputeField", value, line: { begins: `${number}: `, rest } };
  }
  const told = promise ?? withdrawnPromise;
  if (!told) return null;
  const { promisedOn } = told;
  const begins = "Payment promised for ";
  if (promise) {
    return {
      field: "promiseField",
      value: `PTP ${promisedOn}`,
      line: { begins, rest: promisedOn },
    };
  }
  const line = { begins, rest: `${promisedOn}, withdrawn` };
  return { field: "promiseField", value: `PTP ${promisedOn} WITHDRAWN`, line };
}

/**
 * What makes the invoice show the state: in the text field of that name, else as a line of the private
 * note, which is neutral because statements may print it. Lists are replaced as a whole, so all the
 * fields are sent.
 */
export function showingOf(invoice: QboInvoice, state: State, settings: StateSettings): Showing {
  const fields = invoice.CustomField ?? [];
  const name = settings[state.field];
  const own = fields.find(({ Name }) => Name?.trim().toLowerCase() === name.toLowerCase());
  if (own) {
    if (own.StringValue === state.value) return "shown";
    const changed = { ...own, Type: own.Type ?? "StringType", StringValue: state.value };
    return { update: { CustomField: fields.map((field) => (field === own ? changed : field)) } };
  }
  if (!settings.usesPrivateNote) return { noPlace: `it has no text field ${name}` };
  const { begins, rest } = state.line;
  const lines = (invoice.PrivateNote ?? "").split(/\r?\n/).filter((line) => line !== "");
  if (lines.includes(begins + rest)) return "shown";
  const others = lines.filter((line) => !line.startsWith(begins));
  const PrivateNote = [...others, begins + rest].join("\n");
  // Nothing of what people wrote is cut off to make room.
  if (PrivateNote.length > longestNote) return { noPlace: "its private note is full" };
  return { update: { PrivateNote } };
}
