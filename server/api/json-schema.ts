import { z } from "zod";
import { eventData, EventTypes } from "#domain/event.ts";
import { Problem } from "./problem.ts";
import * as schemas from "./schemas.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What comes back, with the name that the document gives it. */
const answered = z.registry<{ id: string }>();
answered.add(schemas.ApiInvoice, { id: "Invoice" });
answered.add(schemas.ApiInvoices, { id: "Invoices" });
answered.add(schemas.ApiDispute, { id: "Dispute" });
answered.add(schemas.ApiDisputes, { id: "Disputes" });
answered.add(schemas.ApiEvent, { id: "Event" });
answered.add(schemas.ApiEvents, { id: "Events" });
answered.add(schemas.ApiDelivery, { id: "Delivery" });
answered.add(schemas.ApiDeliveries, { id: "Deliveries" });
answered.add(schemas.ApiOutboxRow, { id: "OutboxRow" });
answered.add(schemas.ApiOutbox, { id: "Outbox" });
answered.add(Problem, { id: "Problem" });

/** What is sent: a field with a default may be left out. */
const sent = z.registry<{ id: string }>();
sent.add(schemas.NewDispute, { id: "NewDispute" });
sent.add(schemas.DisputePatch, { id: "DisputePatch" });

const uri = (id: string) => `#/components/schemas/${id}`;

/** Every schema with a name, as JSON Schema 2020-12; the data of an event by its type among them. */
export function componentSchemas(): Record<string, JsonSchema> {
  const all: Record<string, JsonSchema> = {
    ...z.toJSONSchema(answered, { uri }).schemas,
    ...z.toJSONSchema(sent, { uri, io: "input" }).schemas,
  };
  for (const type of EventTypes) all[dataName(type)] = inputSchema(eventData[type]);
  const components: Record<string, JsonSchema> = {};
  for (const [name, schema] of Object.entries(all)) components[name] = bare(schema);
  const { Event: event = {} } = components;
  return { ...components, Event: { ...event, allOf: EventTypes.map(dataByType) } };
}

/** A reference to a schema with a name, else the schema itself. */
export function refOf(schema: z.ZodType): JsonSchema {
  const id = (answered.get(schema) ?? sent.get(schema))?.id;
  return id === undefined ? inputSchema(schema) : { $ref: uri(id) };
}

/** A schema as it is sent. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return bare(z.toJSONSchema(schema, { io: "input" }));
}

/** Without its own address and dialect: the document says both once. */
function bare(schema: JsonSchema): JsonSchema {
  const kept = Object.entries(schema).filter(([name]) => name !== "$id" && name !== "$schema");
  return Object.fromEntries(kept);
}

function dataName(type: string): string {
  return `EventData.${type}`;
}

/** Either the event has another type, or its data is as this type's is. */
function dataByType(type: string): JsonSchema {
  const data = { anyOf: [{ $ref: uri(dataName(type)) }, { type: "null" as const }] };
  const another = { properties: { type: { not: { const: type } } } };
  return { anyOf: [another, { properties: { data } }] };
}
