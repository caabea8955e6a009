import { z } from "zod";
import type { Change, ConnectorKind } from "#domain/change.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { listed } from "#server/connectors/bind.ts";
import { defineConnector, type Parsed } from "#server/connectors/contract.ts";
import { readJson } from "#server/connectors/kit/json.ts";
import { listForThisFile } from "./list-connector.ts";

/** One invoice of the stand-in system; `fault` is what cannot be read of it. */
const Entry = z.object({
  id: z.string(),
  /** Only its id is told, so that it has to be read. */
  thin: z.boolean().optional(),
  fault: z.string().optional(),
  currency: z.string().optional(),
  total: z.int().optional(),
  customer: z.string().optional(),
  /** A payment of so much instead of the invoice itself. */
  payment: z.int().optional(),
  revision: z.int().optional(),
});
export type Entry = z.infer<typeof Entry>;

interface Books {
  /** What `fetch` and `changedSince` answer, by id. */
  entries: Map<string, Entry>;
  /** Pages of `changedSince` hold so many. */
  pageSize: number;
  /** The system answers nothing but faults. */
  failing: boolean;
}

function changeOf({
  id,
  currency = "EUR",
  total = 1000,
  customer = "c1",
  ...entry
}: Entry): Change {
  const invoice = { externalId: id, number: `B-${id}` };
  if (entry.thin) return { kind: "fetch", invoice: { externalId: id } };
  if (entry.payment !== undefined) {
    const amount = { amount: entry.payment, currency };
    const paid = { paymentId: `pay-${id}`, stage: "received" as const, amount };
    return { kind: "payment", invoice, ...paid, occurredAt: "2026-11-20" };
  }
  const money = { amount: total, currency };
  return {
    kind: "invoice",
    invoice: {
      ...{ ...invoice, version: entry.revision ?? 1, currency, total: money, due: money },
      ...{ customer: { externalId: customer, name: `Customer ${customer}` }, state: "issued" },
    },
  };
}

function parsedOf(entries: Entry[]): Parsed {
  const usable = entries.filter(({ fault }) => fault === undefined);
  const rejected = entries.flatMap(({ id, fault }) =>
    fault === undefined ? [] : [{ at: `Invoice ${id}`, reason: fault }],
  );
  return { changes: usable.map(changeOf), rejected };
}

/**
 * Lists a connector of the tests' own while this file's tests run, under the name `kind`: its body is a
 * list of entries, and it reads what the test writes into the books that this gives.
 */
export function addBooksConnector(kind: ConnectorKind, whenMissing?: "void" | "hidden"): Books {
  const books: Books = { entries: new Map(), pageSize: 2, failing: false };
  const connector = defineConnector({
    ...{ name: "Books", kind, settings: z.object({}), secrets: z.object({}), setUp: [] },
    ...{ answersUnusable: true, accepted: { status: 204 }, api: () => books },
    verify: () => undefined,
    dedupeKey: () => null,
    parse: ({ body }) => parsedOf(readJson(z.array(Entry), body)),
    async fetch({ externalId = "" }, { entries, failing }) {
      if (failing) throw new UpstreamError("Books answered 503");
      const entry = entries.get(externalId);
      if (!entry) return null;
      if (entry.fault !== undefined) throw new RequestError(422, entry.fault);
      return [changeOf(entry)];
    },
    ...(whenMissing && { whenMissing }),
    async changedSince(_since, cursor, { entries, pageSize }) {
      const start = Number(cursor ?? 0);
      const page = [...entries.values()].slice(start, start + pageSize);
      const next = start + pageSize < entries.size ? String(start + pageSize) : null;
      return { ...parsedOf(page), next };
    },
  });
  listForThisFile(`books-${kind}`, listed(connector));
  return books;
}
