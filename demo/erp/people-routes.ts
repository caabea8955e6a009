import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Activity } from "./activity.ts";
import { Behaviour } from "./behaviour.ts";
import { requireInvoice, today, type Erp } from "./change.ts";
import { read, submitAction, submitDispute, submitInvoice } from "./forms.ts";
import { page, seeOther, segment, type Answer, type Asked } from "./http.ts";
import { invoicePage, invoicePath } from "./invoice-page.ts";
import type { Surroundings } from "./layout.ts";
import { listPage, newInvoicePage, pageSize, trafficPage } from "./pages.ts";
import { Refusal } from "./refusal.ts";
import { findInvoice, listCustomers, searchInvoices, Show } from "./store.ts";
import { countWaiting, recentWebhooks } from "./webhook-queue.ts";
import type { Sender } from "./webhooks.ts";
import { recentWriteBacks } from "./write-back-log.ts";

/** What the pages work with; `behaviour` is what the panel changes. */
export type Office = {
  erp: Erp;
  sender: Sender;
  activity: Activity;
  portalUrl: string;
  behaviour: Behaviour;
};

const ListQuery = z.object({
  q: z.string().max(100).catch(""),
  show: Show.catch("all"),
  page: z.coerce.number().int().min(1).max(1_000_000).catch(1),
});
const Turn = z.object({ turn: z.enum(["on", "off"]) });

const files: Record<string, { type: string; text: string }> = {
  "/style.css": { type: "text/css; charset=utf-8", text: readBeside("style.css") },
  "/watch.js": { type: "text/javascript; charset=utf-8", text: readBeside("watch.js") },
};

/** Answers people's browsers: pages by GET, buttons by POST and a redirect. */
export function answerPeople(office: Office, asked: Asked): Answer {
  if (asked.method === "GET") return show(office, asked.url);
  if (asked.method !== "POST") throw new Refusal(405, "Only GET and POST are answered here");
  // Another site must not press our buttons.
  const site = asked.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    throw new Refusal(403, "This form was sent by another site");
  }
  const form = new URLSearchParams(asked.body.toString("utf8"));
  return submit(office, asked.url.pathname, form);
}

function show(office: Office, { pathname, searchParams }: URL): Answer {
  const { store } = office.erp;
  const file = files[pathname];
  if (file) return { status: 200, body: file.text, headers: { "content-type": file.type } };
  if (pathname === "/") return showList(office, searchParams);
  if (pathname === "/traffic") return showTraffic(office, searchParams.get("invoice"));
  if (pathname === "/invoices/new") return showNew(office, { values: {}, error: null });
  const [, id, version] = /^\/invoices\/([^/]+)(\/version)?$/.exec(pathname) ?? [];
  if (id === undefined) throw new Refusal(404, "There is no such page");
  const invoice = requireInvoice(store, segment(id));
  if (version) return { status: 200, body: String(invoice.version) };
  return showInvoice(office, invoice.id, null);
}

function showList(office: Office, search: URLSearchParams): Answer {
  const { q: text, show, page: wanted } = ListQuery.parse(Object.fromEntries(search));
  const day = today(office.erp);
  const where = { text: text.trim(), show, day };
  const offset = (wanted - 1) * pageSize;
  const found = searchInvoices(office.erp.store, { ...where, limit: pageSize, offset });
  return page(200, listPage(around(office), { ...found, ...where, page: wanted }));
}

function showTraffic({ erp }: Office, invoiceId: string | null): Answer {
  const which = { invoiceId, limit: 15 };
  const writeBacks = recentWriteBacks(erp.store, which);
  const webhooks = recentWebhooks(erp.store, which);
  const numberOf = (id: string) => findInvoice(erp.store, id)?.number ?? id;
  return page(200, trafficPage({ writeBacks, webhooks, numberOf }));
}

type Typed = { values: Record<string, string>; error: string | null };

function showNew(office: Office, { values, error }: Typed): Answer {
  const inMonth = new Date(office.erp.now().getTime() + 30 * 86_400_000);
  const defaults = { dueOn: inMonth.toISOString().slice(0, 10) };
  const customers = listCustomers(office.erp.store);
  const form = { customers, values: { ...defaults, ...values }, error };
  return page(error === null ? 200 : 422, newInvoicePage(around(office), form));
}

function showInvoice(office: Office, id: string, refusal: Refusal | null): Answer {
  const invoice = requireInvoice(office.erp.store, id);
  const error = refusal?.message ?? null;
  const shown = { invoice, day: today(office.erp), error };
  return page(refusal?.status ?? 200, invoicePage(around(office), shown));
}

function submit(office: Office, pathname: string, form: URLSearchParams): Answer {
  const back = localPath(form.get("back"));
  switch (pathname) {
    case "/behaviour":
      office.behaviour = read(Behaviour, form);
      return seeOther(back);
    case "/activity":
      if (read(Turn, form).turn === "on") office.activity.start();
      else office.activity.stop();
      return seeOther(back);
    case "/webhooks/retry":
      office.sender.retryNow();
      return seeOther(back);
    case "/invoices":
      return submitNew(office, form);
    default:
      return submitToInvoice(office, pathname, form);
  }
}

function submitNew(office: Office, form: URLSearchParams): Answer {
  try {
    return seeOther(invoicePath(submitInvoice(office.erp, form).id));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return showNew(office, { values: Object.fromEntries(form), error: error.message });
  }
}

function submitToInvoice(office: Office, pathname: string, form: URLSearchParams): Answer {
  const [, id, action = "", dispute] =
    /^\/invoices\/([^/]+)\/([a-z-]+)(?:\/([^/]+))?$/.exec(pathname) ?? [];
  if (id === undefined) throw new Refusal(404, "There is no such form");
  const invoiceId = requireInvoice(office.erp.store, segment(id)).id;
  try {
    if (dispute === undefined) submitAction(office.erp, invoiceId, action, form);
    else {
      submitDispute(office.erp, { invoiceId, disputeId: segment(dispute) }, form);
    }
    return seeOther(invoicePath(invoiceId));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return showInvoice(office, invoiceId, error);
  }
}

function around({ behaviour, activity, portalUrl, erp }: Office): Surroundings {
  return { behaviour, isBusy: activity.isOn(), waiting: countWaiting(erp.store), portalUrl };
}

/** Only a path of this site: never another host, as `//host` or `/\host` would be. */
function localPath(path: string | null): string {
  return path !== null && /^\/(?![/\\])/.test(path) ? path : "/";
}

function readBeside(name: string): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}
