import { z } from "zod";
import type { Book } from "./book.ts";
import { checkMails, type MailRow } from "./check-mails.ts";
import { linkedCustomers } from "./messages.ts";
import { runCommand } from "./running.ts";
import type { World } from "./world.ts";

const Delivery = z.object({
  id: z.int(),
  dedupe_key: z.string(),
  processed_at: z.string().nullable(),
  error: z.string().nullable(),
  first_sequence: z.int().nullable(),
  last_sequence: z.int().nullable(),
});
const Event = z.object({
  sequence: z.int(),
  type: z.string(),
  recorded_at: z.string(),
  source: z.string(),
  data: z.string(),
});
const Source = z.looseObject({ kind: z.string(), delivery: z.int().optional() });
const Data = z.looseObject({
  invoice: z.looseObject({ number: z.string() }).optional(),
  payment: z.looseObject({ id: z.string() }).nullish(),
  dispute: z.looseObject({ id: z.string() }).optional(),
});
const Outbox = z.object({
  id: z.string(),
  kind: z.string(),
  what: z.string(),
  target: z.string(),
  sequence: z.int().nullable(),
  done_at: z.string().nullable(),
  parked_at: z.string().nullable(),
  attempts: z.int(),
  receipt: z.string().nullable(),
  last_answer: z.string().nullable(),
});
const Accepted = z.object({ outbox_id: z.string(), accepted: z.int() });
const Verdict = z.looseObject({ ok: z.boolean(), events: z.int() });
const Rebuilt = z.looseObject({ differences: z.record(z.string(), z.int()) });

type Row = z.infer<typeof Event> & { source: string };
interface Ledger {
  deliveries: Map<string, z.infer<typeof Delivery>>;
  events: { row: Row; source: z.infer<typeof Source>; data: z.infer<typeof Data> }[];
  outbox: z.infer<typeof Outbox>[];
  accepted: Map<string, number>;
}

/** Which rows of the outbox may be parked for a person, because their receiver refused them. */
export type MayPark = (row: z.infer<typeof Outbox>) => boolean;

interface Found {
  counts: Record<string, number>;
  faults: string[];
}

/** Ids of acknowledged deliveries that are not in the database as it lies there now. */
export async function lostDeliveries({ book, traffic }: World): Promise<string[]> {
  const stored = await book.all("select dedupe_key from deliveries", Key);
  const keys = new Set(stored.map(({ dedupe_key }) => dedupe_key));
  return traffic.told.flatMap(({ id, acknowledged }) =>
    acknowledged && !keys.has(id) ? [id] : [],
  );
}
const Key = z.object({ dedupe_key: z.string() });

/** How much is due, held or leased: 0 once everything was processed and sent. */
export async function unfinished(book: Book): Promise<number> {
  const [{ rows } = { rows: 0 }] = await book.all(
    `select (select count(*) from deliveries where due_at is not null)
          + (select count(*) from outbox where done_at is null and parked_at is null) as rows`,
    z.object({ rows: z.int() }),
  );
  return rows;
}

/**
 * Compares what the world knows with what the portal kept, once the portal has stopped and nothing is
 * due: each delivery and dispute exactly once, the chain whole, the projections a replay of the
 * events, every mail and write-back sent, once but for what a kill explains.
 */
export async function consult(world: World, mayPark: MayPark = () => false): Promise<Found> {
  const verdict = Verdict.parse(await runCommand(world.start, ["ledger", "verify"]));
  const rebuilt = Rebuilt.parse(await runCommand(world.start, ["ledger", "rebuild"]));
  const ledger = await readLedger(world.book);
  const faults = [
    ...(verdict.ok ? [] : [`the chain is broken: ${JSON.stringify(verdict)}`]),
    ...Object.entries(rebuilt.differences).flatMap(([table, rows]) =>
      rows === 0 ? [] : [`${rows} rows of ${table} are not what the events say`],
    ),
    ...orderFaults(ledger),
    ...world.traffic.odd,
  ];
  const parts = [
    checkDeliveries(world, ledger),
    checkDisputes(world, ledger),
    checkOutbox(ledger, mayPark),
    checkMails(world, mailRows(ledger), mailsOwed(world, ledger)),
  ];
  return {
    counts: Object.assign({ events: verdict.events }, ...parts.map(({ counts }) => counts)),
    faults: [...faults, ...parts.flatMap((part) => part.faults)],
  };
}

function orderFaults({ events }: Ledger): string[] {
  return events.flatMap(({ row }, at) => {
    const before = events[at - 1]?.row;
    const isNext = row.sequence === (before?.sequence ?? 0) + 1;
    const isLater = before === undefined || row.recorded_at >= before.recorded_at;
    return isNext && isLater ? [] : [`event ${row.sequence} does not follow the one before it`];
  });
}

/** Each delivery that is stored took effect exactly once, and each acknowledged one is stored. */
function checkDeliveries({ traffic }: World, { deliveries, events }: Ledger): Found {
  const faults: string[] = [];
  const effects = new Map<string, number>();
  for (const { row, source, data } of events) {
    const effect = effectOf(row.type, data);
    if (effect !== undefined && source.kind === "connection") {
      effects.set(effect, (effects.get(effect) ?? 0) + 1);
    }
  }
  const count = { acknowledged: 0, recorded: 0, lost: 0, twice: 0 };
  for (const { id, acknowledged, number, payment } of traffic.told) {
    const delivery = deliveries.get(id);
    const times = effects.get(payment ?? number) ?? 0;
    if (acknowledged) count.acknowledged += 1;
    if (acknowledged && (!delivery || times === 0)) count.lost += 1;
    if (times > 1) count.twice += 1;
    if (delivery?.processed_at) count.recorded += 1;
    else if (delivery) faults.push(`${id} was not processed: ${delivery.error ?? "it waits"}`);
    const isRight = delivery ? times === 1 : times === 0 && !acknowledged;
    if (!isRight) faults.push(`${id} took effect ${times} times`);
  }
  return { counts: { deliveries: traffic.told.length, ...count }, faults };
}

/** What a delivery of ours causes once: the issue of an invoice, or a payment by its id. */
function effectOf(type: string, { invoice, payment }: z.infer<typeof Data>): string | undefined {
  if (type === "invoice.issued") return invoice?.number;
  return type === "payment.received" ? payment?.id : undefined;
}

/** Each dispute that was asked for is in the ledger once, and in the ERP once. */
function checkDisputes({ traffic, erp }: World, { events }: Ledger): Found {
  const faults: string[] = [];
  const opened = events.flatMap(({ row, data }) =>
    row.type === "dispute.opened" && data.dispute ? [data.dispute.id] : [],
  );
  const inErp = erp.effects.filter(({ type }) => type === "portal.dispute.opened");
  for (const id of opened) {
    const times = inErp.filter(({ dispute }) => dispute === id).length;
    if (times !== 1) faults.push(`dispute ${id} is ${times} times in the ERP`);
  }
  const numbers = inErp.map(({ number }) => number);
  for (const { number, acknowledged } of traffic.asked) {
    const times = numbers.filter((each) => each === number).length;
    if (times > 1) faults.push(`the ERP has ${times} disputes about ${number}`);
    if (acknowledged && times === 0) faults.push(`the dispute about ${number} was lost`);
  }
  const twice = inErp.length - new Set(numbers).size;
  return {
    counts: { disputes: opened.length, "disputes in the ERP": inErp.length, "there twice": twice },
    faults,
  };
}

function checkOutbox({ outbox }: Ledger, mayPark: MayPark): Found {
  const parked = outbox.filter((row) => row.parked_at !== null && mayPark(row));
  const open = outbox.filter((row) => row.done_at === null && !parked.includes(row));
  const faults = open.map(
    ({ id, parked_at, last_answer }) =>
      `${id} was not sent${parked_at === null ? "" : ", it is parked"}: ${last_answer}`,
  );
  const written = outbox.filter(({ kind }) => kind === "writeback").length;
  return { counts: { "write-backs": written, parked: parked.length, unsent: open.length }, faults };
}

function mailRows({ outbox, accepted, events, deliveries }: Ledger): MailRow[] {
  const mailed = outbox.filter(({ kind, sequence }) => kind === "mail" && sequence !== null);
  const about = new Map(events.map(({ row, source }) => [row.sequence, source.delivery]));
  const known = new Set([...deliveries.values()].map(({ id }) => id));
  return mailed.map((row) => {
    const delivery = about.get(row.sequence ?? 0);
    return {
      ...row,
      accepted: accepted.get(row.id) ?? 0,
      delivery: delivery !== undefined && known.has(delivery) ? delivery : null,
    };
  });
}

/** Deliveries that caused news about an invoice of a customer who is mailed. */
function mailsOwed({ traffic }: World, { deliveries, events }: Ledger): number[] {
  const customers: readonly string[] = linkedCustomers;
  const mailed = new Set(
    traffic.messages.invoices.flatMap(({ number, customer }) =>
      customers.includes(customer) ? [number] : [],
    ),
  );
  const told = ["invoice.issued", "payment.received"];
  const causes = new Set(
    events.flatMap(({ row, source }) => (told.includes(row.type) ? [source.delivery] : [])),
  );
  return traffic.told.flatMap(({ id, number }) => {
    const delivery = deliveries.get(id)?.id;
    return delivery !== undefined && mailed.has(number) && causes.has(delivery) ? [delivery] : [];
  });
}

async function readLedger(book: Book): Promise<Ledger> {
  const deliveries = await book.all(
    `select id, dedupe_key, processed_at, error, first_sequence, last_sequence from deliveries`,
    Delivery,
  );
  const events = await book.all(
    `select sequence, type, recorded_at, source, data from events order by sequence`,
    Event,
  );
  const accepted = await book.all(
    `select outbox_id, count(*) as accepted from outbox_attempts
     where outcome in ('accepted', 'read_back') group by outbox_id`,
    Accepted,
  );
  return {
    deliveries: new Map(deliveries.map((row) => [row.dedupe_key, row])),
    events: events.map((row) => ({
      row,
      source: Source.parse(JSON.parse(row.source)),
      data: Data.parse(JSON.parse(row.data)),
    })),
    outbox: await book.all(
      `select id, kind, what, target, sequence, done_at, parked_at, attempts, receipt, last_answer
       from outbox`,
      Outbox,
    ),
    accepted: new Map(accepted.map((row) => [row.outbox_id, row.accepted])),
  };
}
