import { namesBehind } from "#db/queries/invoice-page.ts";
import { findRecipient, stoppedKinds } from "#db/queries/mails.ts";
import { readSupplier } from "#db/queries/settings.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { customerPath } from "#domain/customer-path.ts";
import { events } from "#server/ledger/read.ts";
import type { MailPayload } from "#server/ledger/outbox-row.ts";
import { contentOf, standsAlone } from "./content-of.ts";
import { type Letter, headerText } from "./letter.ts";
import { type Reader, readerFor } from "./reader.ts";
import { isForFinance, mailKind } from "#domain/mail.ts";
import { readInvoice } from "./told.ts";
import { stopUrl } from "./unsubscribe.ts";
import { isOutdated } from "./outdated.ts";

/** A letter ready to be written, or why nobody needs it any more. */
export type Composed = { letter: Letter } | { skip: string };

/**
 * Writes the mail about an event for one person from the event and the invoice as it is now. Skips what
 * is no longer right: the person may not see it any more, stopped it, or the invoice went on.
 */
export async function composeEventMail(context: Context, mail: MailPayload): Promise<Composed> {
  const { db, config } = context;
  const [event] = await events(db, { after: mail.sequence - 1, limit: 1 });
  if (event?.sequence !== mail.sequence) throw new Error(`Event ${mail.sequence} is not there`);
  const supplier = await readSupplier(db);
  const reader = readerFor({ ...mail, timeZone: mail.timeZone || supplier.timeZone });
  const asks = isForFinance(mail.template) ? "finance" : "customer";
  const found = await readInvoice(db, event, asks);
  const skip = await reasonToSkip(context, mail, { event, found });
  if (skip) return { skip };
  const publicUrl = config.publicUrl + pagesOf(mail, found?.customer ?? null);
  const told = {
    event,
    reader,
    supplier,
    publicUrl,
    asOf: toInstant(context.clock()),
    nameOf: await namesBehind(db, connectionsIn(event)),
  };
  const about = found ?? { invoice: null, dispute: null, disputed: 0, statusThen: null };
  const statusThen = mail.closedAs ?? about.statusThen;
  const content = contentOf(mail.template, { ...told, ...about, statusThen });
  const subject = found ? subjectOf(mail, { found, title: content.title, reader }) : content.title;
  const kind = mailKind(mail.template);
  const why = isForFinance(mail.template)
    ? reader.words("footer.whyFinance", {
        supplier: supplier.name,
        kind: reader.words(`kind.${kind}`),
      })
    : reader.words("footer.why", {
        customer: found?.invoice.customer_name ?? "",
        kind: reader.words(`kind.${kind}`),
      });
  return {
    letter: {
      reader,
      supplier,
      publicUrl,
      subject: headerText(subject),
      content,
      event: {
        label: reader.words("footer.event", { event: reader.count(event.sequence) }),
        fingerprint: grouped(event.hash),
        path: `/verify?sequence=${event.sequence}&hash=${event.hash}`,
      },
      why,
      stopUrl: stopUrl(config, { userId: mail.userId, kind }),
    },
  };
}

/** A customer's mails keep the subject of their thread; finance reads who and what in a list of hundreds. */
function subjectOf(
  { template }: MailPayload,
  { found, title, reader }: { found: NonNullable<Found>; title: string; reader: Reader },
): string {
  const { number, customer_name: customer } = found.invoice;
  if (!isForFinance(template)) return reader.words("subject", { number });
  return title.includes(customer) ? title : `${title}, ${customer}`;
}

type Found = Awaited<ReturnType<typeof readInvoice>>;

/** Where the recipient's pages begin: a customer's have its address. */
function pagesOf({ template }: MailPayload, customer: string | null): string {
  return customer === null || isForFinance(template) ? "" : customerPath(customer, "");
}

async function reasonToSkip(
  { db }: Context,
  mail: MailPayload,
  { event, found }: { event: LedgerEvent; found: Found },
): Promise<string | null> {
  const isFinance = isForFinance(mail.template);
  const person = await findRecipient(db, mail.userId, found?.customer ?? null);
  const mayRead = isFinance ? person?.isStaff : person?.isMember;
  if (!mayRead) return "The recipient may no longer see this";
  if (!isFinance && found?.isMoved && !event.type.startsWith("dispute.") && !found.dispute) {
    return "The invoice is another customer's by now";
  }
  const stopped = await stoppedKinds(db, mail.userId);
  if (stopped.includes(mailKind(mail.template))) return "The recipient stopped this kind of mail";
  if (!found) return standsAlone(mail.template) ? null : "The invoice is not there any more";
  return isOutdated(mail.template, event, found) ? "The invoice has gone on since" : null;
}

/** Ids of the connections that an event comes from or is about: a mail calls them by name. */
function connectionsIn({ source, data }: LedgerEvent): string[] {
  const from = source.kind === "connection" ? [source.connection] : [];
  return "connection" in data ? [...from, data.connection] : from;
}

/** A hash in groups of eight, so that people can compare it. */
function grouped(hash: string): string {
  return hash.replaceAll(/.{8}(?=.)/g, "$& ");
}
