import { createHmac } from "node:crypto";
import { z } from "zod";
import { startFakeIdentity } from "./fake-xero-identity.ts";
import { type Asked, type Reply, startStandIn } from "./stand-in.ts";

export const webhookKey = "test-secret-xero";
export const tenants = {
  north: "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f",
  south: "70784a63-d24b-46a9-a4db-0e70a274b056",
};

/** An invoice as Xero keeps it; what is not named here comes as it was put in. */
export interface KeptInvoice extends Record<string, unknown> {
  InvoiceID: string;
  InvoiceNumber: string;
  Type: string;
  Status: string;
  /** Milliseconds since 1970. */
  updatedMs: number;
}

interface Tenant {
  name: string;
  isConnected: boolean;
  invoices: Map<string, KeptInvoice>;
  creditNotes: Map<string, Record<string, unknown>>;
  history: Map<string, { Details: string; ms: number }[]>;
}

/** What happens to the next call of the accounting API; `lose` does it and cuts the connection. */
type Treatment = "none" | "minute" | "day" | "concurrent" | "lose" | "expire" | "busy";

const Notes = z.strictObject({
  HistoryRecords: z.array(z.strictObject({ Details: z.string().min(1) })).length(1),
});
const ExpectedPayment = z.strictObject({
  Invoices: z
    .array(z.strictObject({ InvoiceID: z.string(), ExpectedPaymentDate: z.iso.date() }))
    .length(1),
});

export type FakeXero = Awaited<ReturnType<typeof startFakeXero>>;

/**
 * A Xero with two organisations: sign-in, tokens, connections and the accounting API, as its
 * descriptions say. What no client should send is kept in `faults` and refused.
 */
export async function startFakeXero({ now = () => new Date(), longestNote = 450 } = {}) {
  const faults: string[] = [];
  const treatments: Treatment[] = [];
  const byKey = new Map<string, Reply>();
  const organisations = new Map<string, Tenant>(
    Object.entries(tenants).map(([name, id]) => [id, newTenant(name)]),
  );
  const identity = startFakeIdentity({ now, faults });

  function answer(asked: Asked): Reply | undefined {
    const url = new URL(asked.path, "http://xero.test");
    const greeted = identity.answer(asked, url);
    if (greeted) return greeted;
    if (url.pathname === "/connections") return connections(asked);
    if (!url.pathname.startsWith("/api.xro/2.0/")) return fault(`no such path: ${asked.path}`);
    const treatment = treatments.shift();
    if (treatment === "expire") identity.expire();
    const refusal = identity.refusal(asked) ?? limited(treatment);
    if (refusal) return refusal;
    if (asked.headers.accept !== "application/json") return fault("it asks for no JSON");
    const tenant = organisations.get(String(asked.headers["xero-tenant-id"]));
    if (!tenant?.isConnected) return problem(403, "AuthenticationUnsuccessful");
    const reply = once(asked, () => accounting(asked, url, tenant));
    return treatment === "lose" ? undefined : reply;
  }

  function connections(asked: Asked): Reply {
    const refusal = identity.refusal(asked);
    if (refusal) return refusal;
    const known = [...organisations].filter(([, { isConnected }]) => isConnected);
    const body = known.map(([tenantId, { name }], at) => ({
      ...{ id: `connection-${at}`, tenantId, tenantType: "ORGANISATION", tenantName: name },
    }));
    const practice = { id: "p", tenantId: "p-1", tenantType: "PRACTICE", tenantName: "Advisers" };
    return { status: 200, body: [...body, practice] };
  }

  /** Xero does what comes under one Idempotency-Key once, and gives the same answer again. */
  function once(asked: Asked, work: () => Reply): Reply {
    if (asked.method === "GET") return work();
    const key = asked.headers["idempotency-key"];
    if (typeof key !== "string" || key === "" || key.length > 128) return fault("no usable key");
    if (asked.headers["content-type"] !== "application/json") return fault("it sends no JSON");
    const known = byKey.get(key) ?? work();
    byKey.set(key, known);
    return known;
  }

  function accounting(asked: Asked, url: URL, tenant: Tenant): Reply {
    const [resource, id, part] = url.pathname.slice("/api.xro/2.0/".length).split("/");
    const { method } = asked;
    if (resource === "Invoices" && id === undefined && method === "GET") {
      return listed(asked, url, tenant);
    }
    if (resource === "CreditNotes" && id !== undefined && method === "GET") {
      const note = tenant.creditNotes.get(id);
      return note ? { status: 200, body: { CreditNotes: [note] } } : notFound;
    }
    const invoice = tenant.invoices.get(id ?? "");
    if (resource !== "Invoices" || id === undefined) return fault(`${method} ${asked.path}`);
    if (!invoice) return notFound;
    if (part === "History") return historyOf(asked, invoice, tenant);
    if (part === undefined && method === "GET") return { status: 200, body: found([invoice]) };
    if (part === undefined && method === "POST") return expect(asked, invoice);
    return fault(`${method} ${asked.path}`);
  }

  function listed(asked: Asked, url: URL, { invoices }: Tenant): Reply {
    const given = Object.fromEntries(url.searchParams);
    const { IDs, InvoiceNumbers, where, order, page, pageSize, ...others } = given;
    if (Object.keys(others).length > 0) return fault(`unknown ${Object.keys(others).join()}`);
    const size = Number(pageSize);
    if (!/^\d+$/.test(page ?? "") || !(size >= 1 && size <= 100))
      return fault(`page ${url.search}`);
    const ids = IDs?.split(",");
    if (ids && ids.length > 40) return fault(`${ids.length} ids in one address`);
    if (![undefined, 'Type=="ACCREC"'].includes(where)) return fault(`where ${where}`);
    if (![undefined, "InvoiceID ASC", "UpdatedDateUTC DESC"].includes(order)) {
      return fault(`order ${order}`);
    }
    const since = asked.headers["if-modified-since"];
    if (since !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(since)) {
      return fault(`If-Modified-Since ${since}`);
    }
    const sinceMs = since === undefined ? 0 : Date.parse(`${since}Z`);
    const chosen = [...invoices.values()]
      .filter(({ InvoiceID }) => ids === undefined || ids.includes(InvoiceID))
      .filter((one) => InvoiceNumbers === undefined || one.InvoiceNumber === InvoiceNumbers)
      .filter(({ Type }) => where === undefined || Type === "ACCREC")
      .filter(({ updatedMs }) => updatedMs > sinceMs)
      .sort((a, b) =>
        order === "InvoiceID ASC"
          ? a.InvoiceID.localeCompare(b.InvoiceID)
          : b.updatedMs - a.updatedMs,
      );
    const first = (Number(page) - 1) * size;
    return { status: 200, body: found(chosen.slice(first, first + size)) };
  }

  function historyOf(asked: Asked, { InvoiceID }: KeptInvoice, { history }: Tenant): Reply {
    const records = history.get(InvoiceID) ?? [];
    if (asked.method === "GET") {
      return { status: 200, body: { HistoryRecords: records.map(shownRecord).reverse() } };
    }
    if (asked.method !== "PUT") return fault(`${asked.method} ${asked.path}`);
    const read = Notes.safeParse(JSON.parse(asked.body.toString()));
    if (!read.success) return fault(read.error.message);
    const Details = read.data.HistoryRecords.map((record) => record.Details).join();
    if (Details.length > longestNote) return invalid("Details exceeds the maximum length");
    const record = { Details, ms: now().getTime() };
    history.set(InvoiceID, [...records, record]);
    return {
      status: 200,
      body: { HistoryRecords: [{ ...shownRecord(record), ValidationErrors: [] }] },
    };
  }

  function expect(asked: Asked, invoice: KeptInvoice): Reply {
    const read = ExpectedPayment.safeParse(JSON.parse(asked.body.toString()));
    if (!read.success) return fault(read.error.message);
    const [told] = read.data.Invoices;
    if (told?.InvoiceID !== invoice.InvoiceID) return fault("another invoice than in the address");
    if (invoice.Status !== "AUTHORISED" || Number(invoice.AmountPaid) > 0) {
      return invalid("Invoice not of valid status for modification");
    }
    invoice.ExpectedPaymentDate = `/Date(${Date.parse(told.ExpectedPaymentDate)}+0000)/`;
    invoice.updatedMs = now().getTime();
    const { Payments: _, CreditNotes: __, ...answered } = invoice;
    return { status: 200, body: found([answered]) };
  }

  function fault(words: string): Reply {
    faults.push(words);
    return invalid(words);
  }

  const server = await startStandIn(answer);
  return {
    ...server,
    ...{ identity, faults },
    organisation(tenantId: string): Tenant {
      const tenant = organisations.get(tenantId);
      if (!tenant) throw new Error(`There is no organisation ${tenantId}`);
      return tenant;
    },
    treat: (...next: Treatment[]) => treatments.push(...next),
    /** Calls of the accounting API as "GET /Invoices/…", without their queries. */
    calls: () =>
      server.asked
        .filter(({ path }) => path.startsWith("/api.xro"))
        .map(({ method, path }) => `${method} ${path.slice("/api.xro/2.0".length).split("?")[0]}`),
  };
}

function newTenant(name: string): Tenant {
  const [invoices, creditNotes, history] = [new Map(), new Map(), new Map()];
  return { name: `Northwind ${name}`, isConnected: true, invoices, creditNotes, history };
}

function found(invoices: { updatedMs: number }[]) {
  const shown = invoices.map(({ updatedMs, ...invoice }) => ({
    ...invoice,
    UpdatedDateUTC: `/Date(${updatedMs}+0000)/`,
  }));
  return { Status: "OK", DateTimeUTC: "/Date(1794320552000)/", Invoices: shown };
}

function shownRecord({ Details, ms }: { Details: string; ms: number }) {
  return { Changes: "Note", DateUTC: `/Date(${ms}+0000)/`, User: "System Generated", Details };
}

const notFound: Reply = { status: 404, body: "The resource you're looking for cannot be found" };

function problem(status: number, Detail: string): Reply {
  return { status, body: { Type: null, Title: "Forbidden", Status: status, Detail } };
}

function invalid(Message: string): Reply {
  const Elements = [{ ValidationErrors: [{ Message }] }];
  const said = "A validation exception occurred";
  const body = { ErrorNumber: 10, Type: "ValidationException", Message: said, Elements };
  return { status: 400, body };
}

function limited(treatment: Treatment | undefined): Reply | undefined {
  if (treatment === "busy") return { status: 503, body: "" };
  if (treatment !== "minute" && treatment !== "day" && treatment !== "concurrent") return undefined;
  const seconds = { minute: "37", day: "7200", concurrent: "1" }[treatment];
  return { status: 429, headers: { "retry-after": seconds, "x-rate-limit-problem": treatment } };
}

/** A body as Xero signs it. */
export function signed(body: string, key = webhookKey) {
  const signature = createHmac("sha256", key).update(body).digest("base64");
  return { "content-type": "application/json; charset=utf-8", "x-xero-signature": signature };
}
