import { z } from "zod";
import { moneyText } from "#app/ui/money.tsx";
import { statusWords } from "./words.ts";

const Details = z.record(z.string(), z.union([z.string(), z.number()]));

interface Row {
  action: string;
  details: string;
  currency: string | null;
}

/** What finance has to look at, in a sentence. */
export function noticeWords({ action, details, currency }: Row, locale: string): string {
  const told = Details.parse(JSON.parse(details));
  const word = (name: string) => String(told[name] ?? "");
  const status = (name: string) => wordOf(word(name));
  const money = (name: string, code: string | null) =>
    moneyText({ amount: Number(told[name] ?? 0), currency: code ?? "" }, locale);
  const dispute = (name: string) => word(name).replaceAll("_", " ");
  switch (action) {
    case "version_conflict":
      return `Two messages of one version differ in ${word("fields")}; neither says which is later`;
    case "version_behind":
      return "A newer message carries an older version, so what it says is not shown";
    case "clock_ahead":
      return "A version or time lies in the future; it was taken as of its receipt";
    case "status_mismatch":
      return `The system says ${status("told")}, its sums say ${status("shown")}`;
    case "currency_corrected":
      return `Currency corrected from ${word("from")} to ${word("to")}; ${money("paid", word("from"))} paid before count no more`;
    case "payment_unbooked": {
      const refunded =
        Number(told["refunded"] ?? 0) > 0 ? `, ${money("refunded", currency)} refunded` : "";
      return `${money("amount", currency)} received${refunded} and not booked for more than ten days`;
    }
    case "dispute_conflict":
      return word("portal") === "unknown"
        ? `The system says that dispute ${word("dispute")} is ${dispute("system")}; this invoice has no such dispute`
        : `The system says that dispute ${word("dispute")} is ${dispute("system")}; here it is ${dispute("portal")}`;
    default:
      return action.replaceAll("_", " ");
  }
}

function wordOf(text: string): string {
  return text in statusWords ? statusWords[text as keyof typeof statusWords].toLowerCase() : text;
}
