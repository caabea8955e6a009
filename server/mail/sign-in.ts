import { randomUUID } from "node:crypto";
import { z } from "zod";
import { insertOutbox } from "#db/queries/outbox.ts";
import { readSupplier } from "#db/queries/settings.ts";
import type { Context } from "#server/context.ts";
import { newId } from "#server/domain/id.ts";
import { Instant, plusMs, toInstant } from "#server/domain/time.ts";
import { openVault } from "#server/vault.ts";
import type { Composed } from "./compose.ts";
import { oneLine } from "./letter.ts";
import { type Reader, readerFor } from "./reader.ts";
import { AccountTemplate } from "#server/domain/mail.ts";

const purpose = "account mail";
/** A sign-in link is dead after ten minutes, and so is its mail. */
const signInMs = 600_000;

/** Mail with a link that lets somebody in: what may be read, and the rest encrypted. */
export const AccountPayload = z.object({
  template: AccountTemplate,
  name: z.string(),
  locale: z.string(),
  timeZone: z.string(),
  sealed: z.string(),
});
export type AccountPayload = z.infer<typeof AccountPayload>;

const Sealed = z.object({
  url: z.url(),
  until: Instant,
  customer: z.string().default(""),
  inviter: z.string().default(""),
});

interface Person {
  to: string;
  name: string;
  locale: string | null;
  timeZone: string | null;
}

/** Queues the mail with a sign-in link; it survives an outage of the relay, but not ten minutes. */
export async function queueSignIn(
  context: Context,
  { url, ...person }: Person & { userId: string; url: string },
): Promise<void> {
  const until = plusMs(toInstant(context.clock()), signInMs);
  await queue(context, "sign_in", person, { url, until });
}

/** Queues an invitation; `until` is when its link ends. */
export async function queueInvitation(
  context: Context,
  {
    url,
    until,
    customer,
    inviter,
    ...person
  }: Person & { url: string; until: Instant; customer: string; inviter: string },
): Promise<void> {
  await queue(context, "invitation", person, { url, until, customer, inviter });
}

async function queue(
  context: Context,
  template: AccountTemplate,
  { to, name, locale, timeZone }: Person,
  secret: z.input<typeof Sealed>,
): Promise<void> {
  const now = toInstant(context.clock());
  const key = `${template}:${randomUUID()}`;
  const sealed = openVault(context.config.appSecrets, purpose).seal(JSON.stringify(secret), key);
  const payload: AccountPayload = {
    template,
    name,
    locale: locale ?? "en",
    timeZone: timeZone ?? "",
    sealed: sealed.toString("base64"),
  };
  const row = {
    id: newId("obx"),
    kind: "mail",
    sequence: null,
    invoice_id: null,
    order_key: key,
    once_key: key,
    target: to,
    what: template,
    payload: JSON.stringify(payload),
    created_at: now,
    due_at: now,
    receipt: null,
    updated_at: now,
  };
  await insertOutbox(context.writer, [row]);
}

/** Writes it, unless its link is dead by now. `onceKey` is that of its row. */
export async function composeAccountMail(
  context: Context,
  mail: AccountPayload,
  onceKey: string,
): Promise<Composed> {
  const { config, db, clock } = context;
  const sealed = Buffer.from(mail.sealed, "base64");
  const opened = openVault(config.appSecrets, purpose).open(sealed, onceKey);
  const secret = Sealed.parse(JSON.parse(opened));
  if (secret.until <= toInstant(clock())) return { skip: "Its link is no longer valid" };
  const supplier = await readSupplier(db);
  const reader = readerFor({ ...mail, timeZone: mail.timeZone || supplier.timeZone });
  const { inviter, customer } = secret;
  const values = { supplier: supplier.name, inviter, customer, until: reader.time(secret.until) };
  const content = contentOf(reader, mail.template, { url: secret.url, values });
  return {
    letter: {
      reader,
      supplier,
      publicUrl: config.publicUrl,
      subject: oneLine(content.title),
      content,
      event: null,
      why: reader.words(`${mail.template}.why`, values),
      stopUrl: null,
    },
  };
}

function contentOf(
  reader: Reader,
  template: AccountTemplate,
  { url, values }: { url: string; values: Record<string, string> },
) {
  return {
    title: reader.words(`${template}.title`, values),
    figure: null,
    mark: null,
    sentence: reader.words(`${template}.sentence`, values),
    quote: null,
    facts: [],
    button: { label: reader.words(`${template}.button`), url },
  };
}
