import { listInvoices, readInvoice, requireToken } from "./api.ts";
import { interfere, type Behaviour } from "./behaviour.ts";
import type { Erp } from "./change.ts";
import { json, segment, type Answer, type Asked } from "./http.ts";
import { receiveWriteBack, subjectOf } from "./receive.ts";
import { Refusal } from "./refusal.ts";
import { logWriteBack } from "./write-back-log.ts";

type Desk = {
  erp: Erp;
  behaviour: () => Behaviour;
  writeBackSecret: string;
  fetchToken: string;
  signal: AbortSignal; // aborted when the ERP closes
};

/** Answers what the portal asks: write-backs, and the invoices it fetches. Null: not one of these. */
export async function answerPortal(desk: Desk, asked: Asked): Promise<Answer | null> {
  const { pathname } = asked.url;
  if (pathname === "/write-back") return answerWriteBack(desk, asked);
  if (!pathname.startsWith("/api/")) return null;
  const stopped = await interfere(desk.behaviour(), { isWriteBack: false, signal: desk.signal });
  if (stopped === "hang-up") return "hang-up";
  if (stopped) return json(stopped.status, { detail: stopped.detail });
  requireToken(asked.headers.authorization, desk.fetchToken);
  if (asked.method !== "GET") throw new Refusal(405, "Only GET is answered here");
  if (pathname === "/api/invoices")
    return json(200, listInvoices(desk.erp, asked.url.searchParams));
  const [, id] = /^\/api\/invoices\/([^/]+)$/.exec(pathname) ?? [];
  if (id === undefined) throw new Refusal(404, "There is nothing here");
  return json(200, readInvoice(desk.erp, segment(id)));
}

async function answerWriteBack(desk: Desk, asked: Asked): Promise<Answer> {
  const { store, now } = desk.erp;
  const result = await decide(desk, asked);
  const { type, invoiceId } = subjectOf(store, asked.body);
  const id = asked.headers["webhook-id"];
  logWriteBack(store, {
    at: now().toISOString(),
    webhook_id: typeof id === "string" ? id : null,
    type,
    invoice_id: invoiceId,
    status: result === "hang-up" ? null : result.status,
    answer: result === "hang-up" ? "connection closed" : (result.reference ?? result.detail),
  });
  if (result === "hang-up") return result;
  const { status, ...body } = result;
  return json(status, body);
}

type Result =
  | { status: number; reference: string; detail?: never }
  | { status: number; detail: string; reference?: never };

async function decide(desk: Desk, asked: Asked): Promise<Result | "hang-up"> {
  const stopped = await interfere(desk.behaviour(), { isWriteBack: true, signal: desk.signal });
  if (stopped) return stopped;
  try {
    if (asked.method !== "POST") throw new Refusal(405, "Write-backs are POSTed");
    return receiveWriteBack(desk.erp, desk.writeBackSecret, asked);
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, detail: error.message };
    throw error;
  }
}
