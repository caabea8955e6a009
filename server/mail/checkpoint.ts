import { z } from "zod";
import { findCheckpoint } from "#db/queries/checkpoints.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { readPublicKey } from "#db/queries/signing-key.ts";
import type { NewOutboxRow } from "#db/schema/outbox.ts";
import type { Context } from "#server/context.ts";
import { newId } from "#domain/id.ts";
import type { Instant } from "#domain/time.ts";
import type { Composed } from "./compose.ts";
import { textFacts } from "./content.ts";
import { headerText } from "./letter.ts";
import { readerFor } from "./reader.ts";

/** `what` of the outbox rows that take a checkpoint to the auditors. */
export const checkpointTemplate = "checkpoint";

export const CheckpointPayload = z.object({
  size: z.int(),
  name: z.string(),
  locale: z.string(),
});
type CheckpointPayload = z.infer<typeof CheckpointPayload>;

/** One mail for each address of `auditors`, which are separated by commas. */
export function checkpointMails({
  auditors,
  size,
  now,
}: {
  auditors: string;
  size: number;
  now: Instant;
}): NewOutboxRow[] {
  const addresses = auditors.split(",").map((address) => address.trim());
  return addresses.filter(Boolean).map((address) => {
    const payload: CheckpointPayload = { size, name: address, locale: "en" };
    return {
      id: newId("obx"),
      kind: "mail",
      sequence: null,
      invoice_id: null,
      order_key: `checkpoint:${address}`,
      once_key: `checkpoint:${size}:${address}`,
      target: address,
      what: checkpointTemplate,
      payload: JSON.stringify(payload),
      created_at: now,
      due_at: now,
      receipt: null,
      updated_at: now,
    };
  });
}

/** Writes it, with the signed note as a file: programs check that, not a mail's text. */
export async function composeCheckpointMail(
  { config, db }: Context,
  mail: CheckpointPayload,
): Promise<Composed> {
  const checkpoint = await findCheckpoint(db, mail.size);
  if (!checkpoint) return { skip: "The checkpoint is not there" };
  const supplier = await readSupplier(db);
  const reader = readerFor({ locale: mail.locale, timeZone: supplier.timeZone });
  const event = reader.count(mail.size);
  const title = reader.words("checkpoint.title", { supplier: supplier.name, event });
  const content = {
    title,
    figure: null,
    mark: null,
    sentence: reader.words("checkpoint.sentence", { event }),
    quote: null,
    facts: textFacts([
      [reader.words("checkpoint.time"), reader.time(checkpoint.created_at)],
      [reader.words("checkpoint.root"), checkpoint.note.split("\n")[2]],
      [reader.words("checkpoint.key"), await readPublicKey(db)],
    ]),
    button: { label: reader.words("checkpoint.button"), url: `${config.publicUrl}/verify/file` },
  };
  return {
    letter: {
      reader,
      supplier,
      publicUrl: config.publicUrl,
      subject: headerText(title),
      content,
      event: null,
      why: reader.words("checkpoint.why", { supplier: supplier.name }),
      stopUrl: null,
      attachment: { name: `checkpoint-${mail.size}.txt`, text: checkpoint.note },
    },
  };
}
