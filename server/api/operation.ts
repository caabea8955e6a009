import { z } from "zod";
import type { Right } from "./rights.ts";

/** One thing that a program can ask for: what is checked, what is answered and what the document says. */
export interface Operation<Query extends z.ZodType = z.ZodType> {
  id: string;
  method: "GET" | "POST" | "PATCH";
  /** With `{id}` where the address has a parameter. */
  path: `/api/v1/${string}`;
  summary: string;
  /** Sentences for whoever writes the program. */
  words: string;
  /** Null: anybody, without a key. */
  right: Right | null;
  /** What stands in the address behind the question mark. */
  query: Query;
  /** What is sent as JSON. */
  body?: z.ZodType;
  /** Takes `Idempotency-Key`. */
  idempotent?: true;
  answer: { status: 200 | 201; words: string; schema: z.ZodType };
  /** What it refuses beside what every address refuses: status and when. */
  refusals?: Partial<Record<404 | 409 | 422, string>>;
}

export const noQuery = z.strictObject({});

/** What `Idempotency-Key` may hold; the same key and body do the work once. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, "is 1 to 200 visible ASCII characters, for instance a UUID")
  .meta({ examples: ["4f2c1f0e-5e0b-4d53-9a52-3f0c8b8f6a11"] });
