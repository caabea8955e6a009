import { randomUUID } from "node:crypto";
import { z } from "zod";
import { replaceWaiting } from "#db/queries/outbox.ts";
import { readSupplier } from "#db/queries/settings.ts";
import type { Context } from "#server/context.ts";
import { newId } from "#domain/id.ts";
import { Instant, plusMs, toInstant } from "#domain/time.ts";
import { openVault } from "#server/vault.ts";
import type { Composed } from "./compose.ts";
import { headerText } from "./letter.ts";
import { languages, type Reader, readerFor } from "./reader.ts";
import { AccountTemplate } from "#domain/mail.ts";

const purpose = "account mail";
/** So long the mail with a sign-in link is tried, each minute; the link is made anew for each try. */
export const signInTriedMs = 30 * 60_000;
const spacingMs = 60_000;

/** Mail with a link that lets somebody in: what may be read, and the rest encrypted. */
export const AccountPayload = z.object({
  template: AccountTemplate,
  name: z.string(),
  locale: z.string(),
  timeZone: z.string(),
  sealed: z.string(),
});
export type AccountPayload = z.infer<typeof AccountPayload>;

/** A link that exists, of an invitation. */
const Link = z.object({
  url: z.url(),
  until: Instant,
  customer: z.string().default(""),
  inviter: z.string().default(""),
});
/** A sign-in link to make: where it leads. */
const Ask = z.object({ page: z.string(), until: Instant });
const Sealed = z.union([Link, Ask]);

/** Makes sign-in links: `Auth`. */
export interface LinkMaker {
  createLink(email: string, to: string, use: "asked"): Promise<string>;
}

interface Person {
  to: string;
  name: string;
  locale: string | null;
  timeZone: string | null;
}

/**
 * Queues the mail with a sign-in link, which is made when the mail is sent. Mails that are not for at once go
 * one a minute; each link works in every browser that asked for the address, so that nobody's asking takes it
 * from another.
 */
export async function queueSignIn(
  context: Context,
  { page, atOnce, ...person }: Person & z.input<typeof SignInAsk>,
): Promise<void> {
  const now = toInstant(context.clock());
  const secret = { page, until: plusMs(now, signInTriedMs) };
  if (atOnce) return queue(context, { template: "sign_in", person, secret });
  const slot = Math.floor(Date.parse(now) / spacingMs) + 1;
  const dueAt = new Date(slot * spacingMs).toISOString();
  const key = `sign_in:${person.to}:${slot}`;
  await queue(context, { template: "sign_in", person, secret, key, dueAt });
}

const SignInAsk = Ask.omit({ until: true }).extend({ atOnce: z.boolean() });

/** The subjects that a sign-in mail may have, one a language: its reader's language is not known yet. */
export function signInSubjects(supplier: string): string[] {
  return languages.map((locale) => {
    const reader = readerFor({ locale, timeZone: "UTC" });
    return headerText(reader.words("sign_in.title", { supplier }));
  });
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
  const secret = { url, until, customer, inviter };
  await queue(context, { template: "invitation", person, secret });
}

interface Queued {
  template: AccountTemplate;
  person: Person;
  secret: z.input<typeof Sealed>;
  /** A mail of the same key that was not tried yet is replaced. */
  key?: string;
  dueAt?: Instant;
}

async function queue(context: Context, queued: Queued): Promise<void> {
  const { template, secret, key = `${template}:${randomUUID()}` } = queued;
  const { to, name, locale, timeZone } = queued.person;
  const now = toInstant(context.clock());
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
    due_at: queued.dueAt ?? now,
    receipt: null,
    updated_at: now,
  };
  await replaceWaiting(context.writer, row);
}

/** Writes it, unless its link is dead by now or was asked for too long ago. */
export async function composeAccountMail(
  context: Context,
  mail: AccountPayload,
  { onceKey, to, links }: { onceKey: string; to: string; links: LinkMaker },
): Promise<Composed> {
  const { config, db, clock } = context;
  const sealed = Buffer.from(mail.sealed, "base64");
  const opened = openVault(config.appSecrets, purpose).open(sealed, onceKey);
  const secret = Sealed.parse(JSON.parse(opened));
  if (secret.until <= toInstant(clock())) return { skip: "Its link is no longer valid" };
  const { url } =
    "url" in secret ? secret : { url: await links.createLink(to, secret.page, "asked") };
  const { inviter, customer } = "url" in secret ? secret : { inviter: "", customer: "" };
  const supplier = await readSupplier(db);
  const reader = readerFor({ ...mail, timeZone: mail.timeZone || supplier.timeZone });
  const values = { supplier: supplier.name, inviter, customer, until: reader.time(secret.until) };
  const content = contentOf(reader, mail.template, { url, values });
  return {
    letter: {
      reader,
      supplier,
      publicUrl: config.publicUrl,
      subject: headerText(content.title),
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
