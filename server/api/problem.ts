import { z } from "zod";
import { RequestError } from "#server/errors.ts";

/** RFC 9457, with the messages of single fields. */
export const Problem = z.object({
  type: z.literal("about:blank"),
  title: z.string().describe("the words of the status"),
  status: z.int().meta({ examples: [422] }),
  detail: z.string().meta({ description: "what is wrong, for people", examples: ["amount: …"] }),
  errors: z
    .array(
      z.object({
        field: z.string().meta({
          description: "a parameter, header or field; `lines.0.amount` within",
          examples: ["amount"],
        }),
        message: z.string().meta({ examples: ["This is more than the invoice's total"] }),
      }),
    )
    .optional(),
});

/** The words of each status that the API answers with. */
export const titles: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  501: "Not Implemented",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An error as `application/problem+json`, with headers that go with every answer. */
export function problem(error: RequestError, headers: Record<string, string> = {}): Response {
  const errors = Object.entries(error.fields).map(([field, message]) => ({ field, message }));
  const body = Problem.parse({
    type: "about:blank",
    title: titles[error.status] ?? "Error",
    status: error.status,
    detail: error.message,
    ...(errors.length > 0 ? { errors } : {}),
  });
  return new Response(JSON.stringify(body), {
    status: error.status,
    headers: {
      ...headers,
      ...error.headers,
      "content-type": "application/problem+json",
      "cache-control": "no-store",
    },
  });
}

/** Beyond these the caller has to read the description anyway. */
const mostFaults = 20;
/** Characters of a field's name that the caller made up. */
const longestField = 200;

/** What does not fit a schema, as the refusal that a caller is told: the first twenty faults by name. */
export function refusalOf(error: z.ZodError, status: 400 | 422): RequestError {
  const fields: Record<string, string> = {};
  for (const issue of error.issues.slice(0, mostFaults)) {
    const names = issue.code === "unrecognized_keys" ? issue.keys.slice(0, mostFaults) : [];
    const message = names.length > 0 ? "is not known here" : issue.message;
    for (const name of names.length > 0 ? names : [null]) {
      const path = name === null ? issue.path : [...issue.path, name];
      fields[path.join(".").slice(0, longestField) || "body"] ??= message;
    }
  }
  const [[field, message] = ["body", "is wrong"]] = Object.entries(fields);
  return new RequestError(status, `${field}: ${message}`, { fields, cause: error });
}
