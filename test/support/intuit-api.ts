import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import type { Company, Entity } from "./intuit-company.ts";

export interface Question {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Said {
  status: number;
  body: unknown;
}

interface Books {
  company: Company;
  violations: string[];
  clock: () => Date;
}

const mostObjects = 1000;

/** A fault as QuickBooks writes it. */
export function fault(status: number, type: string, { code, message }: Refusal): Said {
  const error = { Message: message, Detail: `${message} (details)`, code, element: "" };
  return {
    status,
    body: { Fault: { Error: [error], type }, time: "2026-11-20T02:00:00.000-08:00" },
  };
}

interface Refusal {
  code: string;
  message: string;
}

const gone = fault(400, "ValidationFault", { code: "610", message: "Object Not Found" });
const stale = fault(400, "ValidationFault", { code: "5010", message: "Stale Object Error" });

/** Answers as the accounting API; what it would refuse as malformed is a violation, too. */
export function answerCompany(question: Question, books: Books): Said {
  const { method, url, headers } = question;
  const [, , , , entity = "", id] = url.pathname.split("/");
  const wrong = (message: string): Said => {
    books.violations.push(`${method} ${url.pathname}${url.search}: ${message}`);
    return fault(400, "ValidationFault", { code: "2010", message });
  };
  if (url.searchParams.get("minorversion") !== "75") return wrong("minorversion is not 75");
  if (headers.accept !== "application/json") return wrong("Accept is not application/json");
  if (url.search.includes("+")) return wrong("a space is written as +");
  if (method === "GET" && entity === "query") return query(question, books, wrong);
  if (method === "GET" && entity === "cdc") return capture(url, books, wrong);
  if (method === "GET" && entity === "companyinfo") {
    return { status: 200, body: { CompanyInfo: { Id: "1", CompanyName: `Books of ${id}` } } };
  }
  if (method === "GET") return read(entity, id ?? "", books, wrong);
  if (method !== "POST" || id !== undefined) return wrong("no such operation");
  if (headers["content-type"] !== "application/json") return wrong("the body is not JSON");
  if (!/^.{1,50}$/.test(url.searchParams.get("requestid") ?? "")) return wrong("no good requestid");
  if (entity === "invoice") return updateInvoice(question, books, wrong);
  return entity === "attachable" ? attach(question, books, wrong) : wrong("no such entity");
}

type Wrong = (message: string) => Said;

const kinds = { invoice: "Invoice", payment: "Payment", creditmemo: "CreditMemo" } as const;

function read(entity: string, id: string, { company }: Books, wrong: Wrong): Said {
  const kind = Object.entries(kinds).find(([path]) => path === entity)?.[1];
  if (!kind) return wrong("no such entity");
  const found = company.all[kind].get(id);
  return found
    ? { status: 200, body: { [kind]: found, time: "2026-11-20T02:00:00.000-08:00" } }
    : gone;
}

const SparseInvoice = z.strictObject({
  Id: z.string(),
  SyncToken: z.string(),
  sparse: z.literal(true),
  CustomField: z
    .array(
      z.strictObject({
        DefinitionId: z.string(),
        Name: z.string().optional(),
        Type: z.literal("StringType"),
        StringValue: z.string().max(31).optional(),
      }),
    )
    .optional(),
  PrivateNote: z.string().max(4000).optional(),
});

function updateInvoice({ body }: Question, { company }: Books, wrong: Wrong): Said {
  const sent = SparseInvoice.safeParse(JSON.parse(body));
  if (!sent.success) return wrong(sent.error.message);
  const { Id, SyncToken, CustomField, PrivateNote } = sent.data;
  const known = company.all.Invoice.get(Id);
  if (!known) return gone;
  if (known.SyncToken !== SyncToken) return stale;
  if (known.isClosed === true) {
    const message = "The account period has closed and the account books cannot be updated";
    return fault(400, "ValidationFault", { code: "6210", message });
  }
  const invoice = company.change("Invoice", Id, {
    ...(CustomField && { CustomField }),
    ...(PrivateNote !== undefined && { PrivateNote }),
  });
  return { status: 200, body: { Invoice: invoice, time: "2026-11-20T02:00:00.000-08:00" } };
}

const Attached = z.strictObject({
  Note: z.string().min(1).max(2000),
  AttachableRef: z.tuple([
    z.strictObject({
      EntityRef: z.strictObject({ type: z.literal("Invoice"), value: z.string() }),
      IncludeOnSend: z.literal(false),
    }),
  ]),
});

function attach({ body }: Question, { company }: Books, wrong: Wrong): Said {
  const sent = Attached.safeParse(JSON.parse(body));
  if (!sent.success) return wrong(sent.error.message);
  if (!company.all.Invoice.has(sent.data.AttachableRef[0].EntityRef.value)) return gone;
  const id = company.insert("Attachable", sent.data, String(5001 + company.all.Attachable.size));
  return { status: 200, body: { Attachable: company.all.Attachable.get(id) } };
}

const updatedAt = (entity: Entity) => Date.parse(entity.MetaData.LastUpdatedTime);

const invoicesSince =
  /^select \* from Invoice where MetaData\.LastUpdatedTime >= '([^']+)' orderby MetaData\.LastUpdatedTime startposition (\d+) maxresults (\d+)$/;
const newestInvoice =
  /^select \* from Invoice orderby MetaData\.LastUpdatedTime desc maxresults 1$/;
const notesOf =
  /^select \* from Attachable where AttachableRef\.EntityRef\.Type = 'Invoice' and AttachableRef\.EntityRef\.value = '([^']+)' maxresults 1000$/;

function query({ url }: Question, { company }: Books, wrong: Wrong): Said {
  const statement = url.searchParams.get("query") ?? "";
  const answer = (fields: object): Said => ({ status: 200, body: { QueryResponse: fields } });
  const sorted = [...company.all.Invoice.values()].sort((a, b) => updatedAt(a) - updatedAt(b));
  const [, since, start, most] = invoicesSince.exec(statement) ?? [];
  if (since !== undefined) {
    const after = sorted.filter((invoice) => updatedAt(invoice) >= Date.parse(since));
    const from = Number(start) - 1;
    const page = after.slice(from, from + Number(most));
    return answer(page.length > 0 ? { Invoice: page, startPosition: from + 1 } : {});
  }
  if (newestInvoice.test(statement)) {
    return answer(sorted.length > 0 ? { Invoice: sorted.slice(-1) } : {});
  }
  const [, invoice] = notesOf.exec(statement) ?? [];
  if (invoice === undefined) return wrong("the statement cannot be parsed");
  const notes = [...company.all.Attachable.values()].filter((note) =>
    JSON.stringify(note.AttachableRef).includes(`"value":"${invoice}"`),
  );
  return answer(notes.length > 0 ? { Attachable: notes } : {});
}

function capture(url: URL, { company, clock }: Books, wrong: Wrong): Said {
  const since = Date.parse(url.searchParams.get("changedSince") ?? "");
  if (Number.isNaN(since)) return wrong("changedSince is no time");
  if (since < clock().getTime() - 30 * 86_400_000) return wrong("changedSince is too long ago");
  const names = (url.searchParams.get("entities") ?? "").split(",");
  let left = mostObjects;
  const responses = Object.values(kinds).flatMap((kind) => {
    if (!names.includes(kind)) return [];
    const live = [...company.all[kind].values()].filter((entity) => updatedAt(entity) >= since);
    const dead = company.deleted
      .filter((each) => each.kind === kind && Date.parse(each.at) >= since)
      .map(({ id, at }) => ({ status: "Deleted", Id: id, MetaData: { LastUpdatedTime: at } }));
    const items = [...dead, ...live].slice(0, left);
    left -= items.length;
    return [items.length > 0 ? { [kind]: items, startPosition: 1, maxResults: items.length } : {}];
  });
  return { status: 200, body: { CDCResponse: [{ QueryResponse: responses }] } };
}
