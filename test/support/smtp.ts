import PostalMime, { type Email } from "postal-mime";
import { type MailTreatment, startScriptedRelay } from "./scripted-relay.ts";

export interface Taken extends Email {
  raw: string;
  envelope: { from: string; to: string };
  /** The value of a header as one text, lines unfolded as they came. */
  header(name: string): string | undefined;
}

/** A relay that keeps what it takes, read; `treat` says what happens to the next messages. */
export async function startSmtp() {
  const mails: Taken[] = [];
  const treatments: MailTreatment[] = [];
  const relay = await startScriptedRelay({
    treat: () => treatments.shift() ?? "take",
    async keep({ raw, from, to }) {
      const parsed = await PostalMime.parse(raw);
      const header = (name: string) => parsed.headers.find(({ key }) => key === name)?.value;
      mails.push({ ...parsed, raw, envelope: { from, to }, header });
    },
  });
  return {
    url: relay.url,
    mails,
    treat: (...next: MailTreatment[]) => treatments.push(...next),
    [Symbol.asyncDispose]: relay.close,
  };
}
