import { writeDemoPeople } from "#db/queries/demo-people.ts";
import { writeSupplier } from "#db/queries/settings.ts";
import type { Db } from "#db/connect.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import { dayMs } from "./calendar.ts";
import { loadInvoices, openStore } from "./erp/store.ts";
import { requireInvoice } from "./erp/change.ts";
import { draftSteps, ordinaryLife } from "./lives.ts";
import { createPeople, type People } from "./people.ts";
import { planInvoices, type Plan } from "./plans.ts";
import { createRandom, type Random } from "./random.ts";
import { sceneSteps } from "./scene-steps.ts";
import { Stage, type Step } from "./stage.ts";
import { customers, ines, marit } from "./supplier.ts";

export interface SeedOptions {
  context: Context;
  /** The ERP's own database; empty or missing. */
  erpFile: string;
  webhookSecret: string;
  now: Date;
  /** The same number makes the same supplier. */
  seed: number;
  /** About how many ordinary invoices. */
  count: number;
}

const perTransaction = 200;
/** So many of the newest invoices were not sent yet. */
const newestDrafts = 3;

/**
 * Plays 18 months of Kestrel Anodizing up to `now` in both databases: the ERP's own, and the portal's
 * through the connector and the ledger as if every webhook had come on its day. Nothing is mailed.
 */
export async function seedDemo(options: SeedOptions): Promise<{ invoices: number; steps: number }> {
  const { context, erpFile, webhookSecret, seed, count } = options;
  const nowMs = options.now.getTime();
  const random = createRandom(seed);
  const plans = planInvoices(random, nowMs, count);
  const drafts = new Set(plans.filter(({ scene }) => !scene).slice(-newestDrafts));
  const steps = plans
    .flatMap((plan) => (drafts.has(plan) ? draftSteps(plan) : stepsOf(random, plan, nowMs)))
    .filter(({ atMs }) => atMs < nowMs)
    .sort((one, other) => one.atMs - other.atMs);
  const store = openStore(erpFile);
  store.exec("begin");
  const since = toInstant(new Date(nowMs - 560 * dayMs));
  const people = await context.writer.transaction().execute((trx) => createSupplier(trx, since));
  const erp = { store, now: () => options.now, wake: () => {} };
  const stage = new Stage({ context, erp, people, webhookSecret });
  for (let from = 0; from < steps.length; from += perTransaction) {
    const batch = steps.slice(from, from + perTransaction);
    await context.writer.transaction().execute((trx) => stage.playIn(trx, batch));
  }
  const newest = plans.at(-1);
  // Loading it once more tells the ERP's counter which numbers are taken.
  if (newest) loadInvoices(store, [requireInvoice(store, newest.invoice.id)]);
  store.exec("commit");
  store.close();
  return { invoices: plans.length, steps: steps.length };
}

function stepsOf(random: Random, plan: Plan, nowMs: number): Step[] {
  if (plan.scene) return sceneSteps(plan, plan.scene, nowMs);
  return ordinaryLife(random, plan);
}

async function createSupplier(trx: Db, since: string): Promise<People> {
  await writeSupplier(trx, {
    name: "Kestrel Anodizing",
    address: "Nijverheidsweg 18, 3812 PM Amersfoort",
    registration: "Trade register 31 04 22 17, VAT NL8201.17.422.B01",
    timeZone: "Europe/Amsterdam",
    brandColor: "#1f4389",
  });
  await writeDemoPeople(trx, {
    customer: { name: ines.name, email: ines.email, of: customers[0].name },
    finance: { name: marit.name, email: marit.email, of: "Kestrel Anodizing" },
  });
  return createPeople(trx, since);
}
