import { z } from "zod";
import { DeliveryState } from "#db/queries/delivery-log.ts";
import { DisputeState } from "#domain/dispute.ts";
import { toInstant } from "#domain/time.ts";
import { noQuery, type Operation } from "./operation.ts";
import { Paging } from "./paging.ts";
import {
  ApiDeliveries,
  ApiDispute,
  ApiDisputes,
  ApiEvents,
  ApiInvoice,
  ApiInvoices,
  ApiOutbox,
  DisputePatch,
  NewDispute,
  OutboxKind,
  OutboxState,
} from "./schemas.ts";

const Name = z.string().min(1).max(200);
const noInvoice = { 404: "no such invoice, or not one that this key may see" };
const noDispute = { 404: "no such dispute, or not one that this key may see" };

export const listInvoices = {
  id: "listInvoices",
  method: "GET",
  path: "/api/v1/invoices",
  summary: "List invoices",
  words:
    "Invoices in the order of their last event: one that changes while you read comes again at the end, so that nothing is missed. Filters narrow together.",
  right: "invoices:read",
  query: Paging.extend({
    number: Name.describe("the invoice's number, whatever its letters' case").optional(),
    externalId: Name.describe(
      "the system's own id of it; with `connection`, also the id by which a connection calls it that does not own it",
    ).optional(),
    connection: Name.describe("the connection that owns it").optional(),
    customer: Name.describe("a customer's id").optional(),
    status: ApiInvoice.shape.status.optional(),
    dispute: ApiInvoice.shape.dispute.optional(),
    updatedSince: z.iso
      .datetime({ offset: true, error: "is an instant like 2026-11-20T08:00:00Z" })
      .transform((text) => toInstant(new Date(text)))
      .describe("only what has an event recorded at or after this instant")
      .optional(),
  }),
  answer: { status: 200, words: "a page of invoices", schema: ApiInvoices },
} satisfies Operation;

export const getInvoice = {
  id: "getInvoice",
  method: "GET",
  path: "/api/v1/invoices/{id}",
  summary: "Read an invoice",
  words: "One invoice by its id. Ask again with `If-None-Match`: 304 says that nothing changed.",
  right: "invoices:read",
  query: noQuery,
  answer: { status: 200, words: "the invoice", schema: ApiInvoice },
  refusals: noInvoice,
} satisfies Operation;

export const listInvoiceEvents = {
  id: "listInvoiceEvents",
  method: "GET",
  path: "/api/v1/invoices/{id}/events",
  summary: "Read what happened to an invoice",
  words:
    "The invoice's events in the ledger's order. A customer's key sees those that are for customers.",
  right: "invoices:read",
  query: Paging,
  answer: { status: 200, words: "a page of events", schema: ApiEvents },
  refusals: noInvoice,
} satisfies Operation;

export const listInvoiceDisputes = {
  id: "listInvoiceDisputes",
  method: "GET",
  path: "/api/v1/invoices/{id}/disputes",
  summary: "List the disputes of an invoice",
  words: "In the order of their last event.",
  right: "disputes:read",
  query: Paging,
  answer: { status: 200, words: "a page of disputes", schema: ApiDisputes },
  refusals: noInvoice,
} satisfies Operation;

export const openDispute = {
  id: "openDispute",
  method: "POST",
  path: "/api/v1/invoices/{id}/disputes",
  summary: "Open a dispute",
  words:
    "Without amount and lines the whole invoice is disputed. The key's name stands for the person who opened it. With `Idempotency-Key`, asking again within a week opens nothing: it answers with the dispute that the first call opened, as it is now.",
  right: "disputes:open",
  query: noQuery,
  body: NewDispute,
  idempotent: true,
  answer: { status: 201, words: "the dispute; `Location` names it", schema: ApiDispute },
  refusals: {
    ...noInvoice,
    409: "the invoice is void, or a dispute about the same part of it is open",
    422: "a field is wrong, or the `Idempotency-Key` was used with another body",
  },
} satisfies Operation;

export const listDisputes = {
  id: "listDisputes",
  method: "GET",
  path: "/api/v1/disputes",
  summary: "List disputes",
  words:
    "In the order of their last event: one that changes while you read comes again at the end.",
  right: "disputes:read",
  query: Paging.extend({
    state: DisputeState.optional(),
    customer: Name.describe("a customer's id").optional(),
    invoice: Name.describe("an invoice's id").optional(),
  }),
  answer: { status: 200, words: "a page of disputes", schema: ApiDisputes },
} satisfies Operation;

export const getDispute = {
  id: "getDispute",
  method: "GET",
  path: "/api/v1/disputes/{id}",
  summary: "Read a dispute",
  words: "One dispute by its id.",
  right: "disputes:read",
  query: noQuery,
  answer: { status: 200, words: "the dispute", schema: ApiDispute },
  refusals: noDispute,
} satisfies Operation;

export const moveDispute = {
  id: "moveDispute",
  method: "PATCH",
  path: "/api/v1/disputes/{id}",
  summary: "Move a dispute, or add words to it",
  words:
    "A message alone is a comment that the customer reads. `resolved` needs `creditedAmount`, 0 for no credit; `rejected` needs a message. A customer's key may say `withdrawn`, or `open` to reopen.",
  right: "disputes:move",
  query: noQuery,
  body: DisputePatch,
  answer: { status: 200, words: "the dispute as it is now", schema: ApiDispute },
  refusals: {
    ...noDispute,
    409: "its present state does not lead there",
    422: "a field is wrong or missing",
  },
} satisfies Operation;

export const listDeliveries = {
  id: "listDeliveries",
  method: "GET",
  path: "/api/v1/deliveries",
  summary: "List deliveries",
  words: "What systems sent, in the order of arrival, without the bytes, which may hold anything.",
  right: "deliveries:read",
  query: Paging.extend({ connection: Name.optional(), state: DeliveryState.optional() }),
  answer: { status: 200, words: "a page of deliveries", schema: ApiDeliveries },
} satisfies Operation;

export const listOutbox = {
  id: "listOutbox",
  method: "GET",
  path: "/api/v1/outbox",
  summary: "List mails and write-backs",
  words: "What was sent or is to be sent, in the order of creation, with the receipt of each.",
  right: "outbox:read",
  query: Paging.extend({ kind: OutboxKind.optional(), state: OutboxState.optional() }),
  answer: { status: 200, words: "a page of the outbox", schema: ApiOutbox },
} satisfies Operation;

export const listLedger = {
  id: "listLedger",
  method: "GET",
  path: "/api/v1/ledger",
  summary: "Read the ledger",
  words:
    "Every event in its order with all that its hash was computed from. A customer's key sees the events for customers on the chains of its own customer records.",
  right: "ledger:read",
  query: Paging,
  answer: { status: 200, words: "a page of events", schema: ApiEvents },
} satisfies Operation;

export const getDescription = {
  id: "getDescription",
  method: "GET",
  path: "/api/v1/openapi.json",
  summary: "Read this description",
  words: "OpenAPI 3.1, for tools and generated clients. It needs no key.",
  right: null,
  query: noQuery,
  answer: {
    status: 200,
    words: "the description",
    schema: z.looseObject({ openapi: z.literal("3.1.1") }),
  },
} satisfies Operation;

/** All of the API, in the order in which it is told. */
export const operations: readonly Operation[] = [
  listInvoices,
  getInvoice,
  listInvoiceEvents,
  listInvoiceDisputes,
  openDispute,
  listDisputes,
  getDispute,
  moveDispute,
  listDeliveries,
  listOutbox,
  listLedger,
  getDescription,
];
