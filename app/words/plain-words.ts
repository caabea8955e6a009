import type { z } from "zod";

/**
 * What is wrong with a field in words for the person who filled it in, where its schema has none of its
 * own. For zod's `error`.
 */
export function plainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    case "invalid_format":
      return formats[issue.format] ?? "This cannot be read: check how it is written";
    case "invalid_type":
      return issue.input === undefined || issue.input === ""
        ? "Fill this in"
        : "Write one value here";
    case "invalid_value":
    case "invalid_union":
      return "Choose one of the choices";
    default:
      return "This cannot be read: check how it is written";
  }
}

const formats: Record<string, string> = {
  date: "Write a day that exists, like 2026-11-30",
  datetime: "Write a day and time that exist",
  email: "Write an e-mail address such as ines@meridian.example",
  url: "Write an address that begins with https://",
};

function tooSmall({
  origin,
  minimum,
}: Extract<z.core.$ZodRawIssue, { code: "too_small" }>): string {
  if (origin === "string") {
    return minimum === 1 ? "Fill this in" : `Write at least ${shown(minimum)} characters`;
  }
  if (origin === "array") return "Choose more of them";
  return `Write ${shown(minimum)} or more`;
}

function tooBig({ origin, maximum }: Extract<z.core.$ZodRawIssue, { code: "too_big" }>): string {
  if (origin === "string") return `At most ${shown(maximum)} characters`;
  if (origin === "array") return `At most ${shown(maximum)} of them`;
  return `Write ${shown(maximum)} or less`;
}

function shown(limit: number | bigint): string {
  return limit.toLocaleString("en-GB");
}
