import type { Db } from "#db/connect.ts";
import type { PersonAction } from "#domain/change.ts";
import type { Draft, LedgerEvent } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import type { Context } from "#server/context.ts";
import type { Entry } from "#server/ledger/entry.ts";
import { recordIn } from "#server/ledger/record.ts";
import { standardWebhooks } from "#server/connectors/standard-webhooks.ts";
import { requireInvoice, type Erp } from "./erp/change.ts";
import { statusOn } from "./erp/invoice.ts";
import { signedHeaders } from "./erp/signature.ts";
import { dueWebhooks, noteAttempt, type Webhook } from "./erp/webhook-queue.ts";
import type { People } from "./people.ts";
import { type DemoPerson, staff } from "./supplier.ts";

export const connectionId = "erp";
const connection = { id: connectionId, kind: "erp" as const };

/** One thing that happens at its time; `play` does it in the ERP, the portal or both. */
export interface Step {
  atMs: number;
  play(stage: Stage): Promise<void>;
}

/** What the portal knows of an invoice of the ERP: the ids that actions need. */
export interface Known {
  invoice: string;
  chain: string;
  disputes: string[];
  /** Those that are neither kept nor broken. */
  promises: { id: string; promisedOn: string }[];
}

/** Where a finding of the portal stands: the parts that every draft of one invoice shares. */
export interface Place {
  invoice: string;
  chain: string;
  occurredAt: string;
}

interface Setting {
  context: Context;
  erp: Erp;
  people: People;
  webhookSecret: string;
}

/**
 * Plays history: the ERP's clock and the portal's stand still at `at` while a step is played, so
 * every instant in both looks as if it had been there.
 */
export class Stage {
  readonly erp: Erp;
  readonly #setting: Setting;
  readonly #known = new Map<string, Known>();
  readonly #linked = new Set<string>();
  #trx: Db;
  #now = new Date(0);

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#trx = setting.context.writer;
    this.erp = { ...setting.erp, now: () => this.#now };
  }

  get at(): string {
    return toInstant(this.#now);
  }

  /** Plays steps in one transaction of the portal. */
  async playIn(trx: Db, steps: Step[]): Promise<void> {
    this.#trx = trx;
    for (const step of steps) {
      this.#now = new Date(step.atMs);
      await step.play(this);
    }
  }

  /** Lets the ERP do something; the webhooks it would send are taken in as if they had arrived. */
  async tell(change: (erp: Erp) => void): Promise<void> {
    change(this.erp);
    const now = new Date(this.#now.getTime() + 60_000).toISOString();
    for (;;) {
      const [webhook] = dueWebhooks(this.erp.store, { now, limit: 1 });
      if (!webhook) return;
      await this.#receive(webhook);
      const { sequence } = webhook;
      const answered = { status: 204, answer: "", doneAt: this.at };
      noteAttempt(this.erp.store, { sequence, ...answered });
    }
  }

  async #receive(webhook: Webhook): Promise<void> {
    const { id, body, invoice_id } = webhook;
    const receivedAt = this.#now;
    const headers = { ...this.#headers(webhook), "content-type": "application/json" };
    const row = await this.#trx
      .insertInto("deliveries")
      .values({
        connection_id: connectionId,
        dedupe_key: id,
        method: "POST",
        path: `/webhooks/${connectionId}`,
        headers: JSON.stringify(headers),
        body,
        received_at: this.at,
        attempts: 1,
        processed_at: this.at,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    const delivery = { method: "POST", query: "", headers: new Headers(headers), body, receivedAt };
    const parsed = standardWebhooks.parse(delivery, {});
    const events = await this.#record({
      kind: "system",
      connection,
      changes: "changes" in parsed ? parsed.changes : parsed,
      receivedAt: this.at,
      delivery: row.id,
      asked: true,
      source: { kind: "connection", connection: connectionId, delivery: row.id, simulated: true },
    });
    this.#learn(invoice_id, events);
    await this.#linkOnce(invoice_id);
    const sequences = events.map(({ sequence }) => sequence);
    if (sequences.length === 0) return;
    await this.#trx
      .updateTable("deliveries")
      .set({ first_sequence: Math.min(...sequences), last_sequence: Math.max(...sequences) })
      .where("id", "=", row.id)
      .execute();
  }

  /** Gives a new customer record to its customer, as finance would in the console. */
  async #linkOnce(erpId: string): Promise<void> {
    const { chain } = this.known(erpId);
    const { id } = requireInvoice(this.erp.store, erpId).customer;
    const customer = this.#setting.people.customers.get(id);
    if (customer === undefined || this.#linked.has(chain)) return;
    this.#linked.add(chain);
    const linked = { type: "record.linked", data: { customerRecord: chain, customer } } as const;
    await this.#record({
      kind: "portal",
      drafts: [{ ...linked, chain, invoice: null, audience: "customer", occurredAt: this.at }],
      source: { kind: "operator", name: "demo" },
    });
  }

  #headers({ id, body }: Webhook) {
    const secret = this.#setting.webhookSecret;
    return signedHeaders({ id, body, sentAt: this.#now, secret });
  }

  /** Lets a person act on an invoice; `act` makes the action from the ids that the portal gave. */
  async act(
    person: DemoPerson,
    erpId: string,
    act: (known: Known) => PersonAction,
  ): Promise<LedgerEvent[]> {
    const user = this.userOf(person);
    const isStaff = staff.some((one) => one.person === person);
    const events = await this.#record({
      kind: "person",
      person: { id: user, name: person.name, side: isStaff ? "supplier" : "customer" },
      actions: [act(this.known(erpId))],
      source: { kind: "user", user, simulated: true },
    });
    this.#learn(erpId, events);
    return events;
  }

  /** Records what the portal itself found out about an invoice. */
  async find(erpId: string, job: string, draft: (place: Place) => Draft): Promise<void> {
    const { invoice, chain } = this.known(erpId);
    await this.#record({
      kind: "portal",
      drafts: [draft({ invoice, chain, occurredAt: this.at })],
      source: { kind: "scheduler", job, simulated: true },
    });
  }

  /** The portal's rule on the day after the due date, for what is still unpaid then. */
  async passDueDate(erpId: string): Promise<void> {
    const invoice = requireInvoice(this.erp.store, erpId);
    if (statusOn(invoice, this.at.slice(0, 10)) !== "overdue") return;
    const { dueOn, number } = invoice;
    const told = { externalId: erpId, number };
    await this.#record({
      kind: "system",
      connection,
      changes: [{ kind: "overdue", invoice: told, dueOn, occurredAt: this.at }],
      receivedAt: this.at,
      asked: true,
      source: { kind: "scheduler", job: "overdue", simulated: true },
    });
  }

  /** The user id of somebody; throws for a stranger. */
  userOf({ email }: DemoPerson): string {
    const id = this.#setting.people.users.get(email);
    if (id === undefined) throw new Error(`${email} was not created`);
    return id;
  }

  /** What the portal knows of an invoice; throws before it was issued. */
  known(erpId: string): Known {
    const known = this.#known.get(erpId);
    if (!known) throw new Error(`The portal was not told of ${erpId}`);
    return known;
  }

  async #record(entry: Entry): Promise<LedgerEvent[]> {
    const context = { ...this.#setting.context, clock: () => this.#now };
    const { events } = await recordIn(this.#trx, context, { ...entry, quiet: true });
    return events;
  }

  #learn(erpId: string, events: LedgerEvent[]): void {
    for (const event of events) {
      const { invoice, chain } = event;
      if (event.type === "invoice.issued" && invoice !== null) {
        this.#known.set(erpId, { invoice, chain, disputes: [], promises: [] });
      }
      if (event.type === "dispute.opened") this.known(erpId).disputes.push(event.data.dispute.id);
      if (event.type === "promise.made") {
        const { promiseId: id, promisedOn } = event.data;
        this.known(erpId).promises.push({ id, promisedOn });
      }
      if (event.type === "promise.kept") this.known(erpId).promises = [];
    }
  }
}
