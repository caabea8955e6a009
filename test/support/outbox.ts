import type { KyselyPlugin } from "kysely";
import { createAuth } from "#server/access/auth.ts";
import type { Context } from "#server/context.ts";
import type { Change, PersonAction } from "#domain/change.ts";
import { plusMs } from "#domain/time.ts";
import { record } from "#server/ledger/record.ts";
import { startDispatch } from "#server/outbox/dispatch.ts";
import type { WriteBackTarget } from "#server/outbox/write-back.ts";
import { openLedger } from "./ledger.ts";

const start = "2026-11-20T10:00:00.000Z";

interface Options {
  smtpUrl?: string;
  mailFrom?: string;
  bounceDomain?: string;
  /** Between two mails to one person; without it each event is a mail. */
  mailPauseMs?: number;
  connection?: WriteBackTarget;
  /** Stands between the dispatcher and what it reads. */
  reading?: KyselyPlugin;
}

/** A ledger with one customer, people on both sides and a running dispatcher. */
export async function openOutbox({ connection, reading, ...settings }: Options = {}) {
  const ledger = await openLedger();
  const standard = { publicUrl: "https://portal.example", mailPauseMs: 0 };
  const config = { ...ledger.context.config, ...standard, ...settings };
  const context: Context = { ...ledger.context, config };
  await insertPeople(context);
  const connections = { get: () => connection };
  const db = reading ? context.db.withPlugin(reading) : context.db;
  const auth = createAuth(context);
  const dispatch = startDispatch({ ...context, db, connections, auth });
  let now = start;
  const setTime = (instant: string) => {
    now = instant;
    ledger.setTime(instant);
  };
  async function tells(changes: Change[]) {
    await ledger.says("erp", changes);
    await context.writer.updateTable("customer_records").set({ customer_id: "cus" }).execute();
    await context.writer.updateTable("invoices").set({ customer_id: "cus" }).execute();
  }
  return {
    context,
    auth,
    dispatch,
    invoiceId: ledger.invoiceId,
    /** What retry and skip need of the portal. */
    portal: { ...context, connections, wakeOutbox: () => dispatch.wake() },
    setTime,
    /** Lets time pass, so that what waits for another attempt comes due. */
    async later(ms: number) {
      setTime(plusMs(now, ms));
      await dispatch.idle();
    },
    /** The ERP says something, and all that is due is sent. */
    async says(changes: Change[]) {
      await tells(changes);
      await dispatch.idle();
    },
    /** As `says`, without waiting for what comes of it. */
    tells,
    async acts(side: "customer" | "supplier", action: PersonAction) {
      const person = { id: side, name: side === "customer" ? "Ines" : "Jeroen", side };
      const source = { kind: "user", user: person.id } as const;
      await record(context, { kind: "person", source, person, actions: [action] });
      await dispatch.idle();
    },
    rows: () => context.db.selectFrom("outbox").selectAll().orderBy("sequence").execute(),
    attempts: () => context.db.selectFrom("outbox_attempts").selectAll().orderBy("id").execute(),
    events: ledger.events,
    async [Symbol.asyncDispose]() {
      await dispatch.stop();
      await ledger[Symbol.asyncDispose]();
    },
  };
}

async function insertPeople({ writer }: Context): Promise<void> {
  const person = { emailVerified: 1, image: null, createdAt: start, updatedAt: start };
  const zone = { locale: "en-GB", timeZone: "Europe/Amsterdam" };
  const fields = { ...person, ...zone };
  await writer
    .insertInto("user")
    .values([
      { id: "ines", name: "Ines", email: "ines@customer.example", staffRole: null, ...fields },
      {
        id: "jeroen",
        name: "Jeroen",
        email: "jeroen@supplier.example",
        staffRole: "finance",
        ...fields,
      },
    ])
    .execute();
  await writer
    .insertInto("organization")
    .values({
      id: "cus",
      name: "Meridian",
      slug: "m",
      logo: null,
      createdAt: start,
      metadata: null,
    })
    .execute();
  await writer
    .insertInto("member")
    .values({ id: "m1", organizationId: "cus", userId: "ines", role: "owner", createdAt: start })
    .execute();
  await writer
    .insertInto("connections")
    .values({
      ...{ id: "erp", system: "test", name: "The ERP", kind: "erp", settings: "{}" },
      ...{ secrets: Buffer.alloc(0), created_at: start, paused_at: null, from_file_at: null },
      ...{ receives_disputes_at: null, last_delivery_at: null },
    })
    .execute();
}

/** An invoice as the ERP tells it; `version` counts up with each telling. */
export function invoiceTold(version: number, rest: object = {}): Change {
  const currency = "EUR";
  return {
    kind: "invoice",
    invoice: {
      externalId: "4711",
      number: "KA-104731",
      version,
      toldAt: `2026-11-20T09:${String(version).padStart(2, "0")}:00.000Z`,
      customer: { externalId: "C-77", name: "Meridian <b>Façade</b>" },
      currency,
      total: { amount: 1275655, currency },
      due: { amount: 1275655, currency },
      state: "issued",
      issuedOn: "2026-11-01",
      dueOn: "2026-12-01",
      ...rest,
    },
  };
}

interface Paid {
  currency?: string;
  externalId?: string;
  stage?: "received" | "failed" | "refunded";
  method?: string;
}

/** A payment, on that invoice unless another is named. */
export function paymentTold(
  paymentId: string,
  amount: number,
  { currency = "EUR", externalId = "4711", stage = "received", method }: Paid = {},
): Change {
  return {
    kind: "payment",
    invoice: { externalId },
    paymentId,
    stage,
    amount: { amount, currency },
    reference: "MFS-2211",
    ...(method !== undefined && { method }),
    occurredAt: "2026-11-18T15:41:00.000Z",
  };
}
