import { z } from "zod";
import type { OutboxRow } from "#db/schema/outbox.ts";

const JsonObject = z.record(z.string(), z.unknown());

/** A row's payload as indented JSON. A sign-in link signs in whoever has it, so staff never read it. */
export function shownPayload({ payload, sequence, kind }: OutboxRow): string {
  const read = JsonObject.parse(JSON.parse(payload));
  const hidden = kind === "mail" && sequence === null && "url" in read;
  return JSON.stringify(hidden ? { ...read, url: "(not shown)" } : read, null, 2);
}
