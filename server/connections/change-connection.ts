import { z } from "zod";
import { dismissRejections } from "#db/queries/rejections.ts";
import { removeConnection } from "./disconnect.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { readConnectionInput } from "./connection-input.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "#server/audit/audited.ts";
import { fieldsOfSystem, valuesOf } from "./connection-form.ts";

/** The fields of settings and secrets depend on the system, so they are read by its own schema. */
export const ConnectionForm = z.discriminatedUnion("do", [
  z.object({ do: z.literal("pause") }),
  z.object({ do: z.literal("resume") }),
  z.object({ do: z.literal("test") }),
  z.object({ do: z.literal("remove") }),
  z.object({ do: z.literal("dismiss") }),
  z.looseObject({
    do: z.literal("change"),
    name: z.string().trim(),
    receivesDisputes: z.string().optional(),
  }),
]);

type ConnectionForm = z.infer<typeof ConnectionForm>;

export const NewConnectionForm = z.looseObject({
  do: z.literal("add"),
  system: z.string().min(1, "Choose a system"),
  id: z.string().trim(),
  name: z.string().trim(),
});

/**
 * Does what the form says to a connection. Gives words to show, or null when the page says enough.
 * Throws RequestError 404, 409 for one that the file defines, 422 naming each fault.
 */
export async function doToConnection(
  portal: Portal,
  source: Source,
  { id, form }: { id: string; form: ConnectionForm },
): Promise<string | null> {
  const { connections } = portal;
  if (form.do === "remove") return removeConnection(portal, source, id);
  if (form.do === "test") return tested(connections, id);
  if (form.do === "dismiss") await dismissed(portal, source, id);
  if (form.do === "pause") await connections.pause(id, source);
  if (form.do === "resume") await connections.resume(id, source);
  if (form.do === "change") await changed(portal, source, { id, form });
  return null;
}

/** Adds a connection as the form describes it; gives its id. Throws 409 or 422 naming each fault. */
export async function addConnection(
  { connections }: Portal,
  source: Source,
  form: z.infer<typeof NewConnectionForm>,
): Promise<string> {
  const read = readParts(form, form);
  const named = form.name === "" ? {} : { name: form.name };
  const input = { id: form.id, system: form.system, ...named, ...read.parts };
  requireNoFaults({ ...faultsIn(input), ...read.faults });
  const { id } = await connections.add(input, source);
  return id;
}

async function changed(
  { connections }: Portal,
  source: Source,
  { id, form }: { id: string; form: Extract<ConnectionForm, { do: "change" }> },
): Promise<void> {
  const connection = connections.get(id);
  if (!connection) throw new RequestError(404, "There is no such connection");
  const { parts, faults } = readParts(connection, form);
  const change = {
    name: form.name,
    receivesDisputes: form.receivesDisputes !== undefined,
    ...parts,
  };
  const { system, app, account } = connection;
  const organisation = app === null || account === null ? {} : { app, account };
  const others = Object.entries(faultsIn({ id, system, ...organisation, ...change }));
  // Secrets that are not written again are kept, so that only `update` knows which are missing.
  const ofSettings = others.filter(([name]) => !name.startsWith("secrets"));
  requireNoFaults({ ...Object.fromEntries(ofSettings), ...faults });
  try {
    await connections.update(id, change, source);
  } catch (error) {
    if (error instanceof RequestError && error.status === 422) requireNoFaults(error.fields);
    throw error;
  }
}

type Faults = Record<string, string>;

/** What a form says of settings and secrets, and what is wrong with each of its fields. */
function readParts(of: Parameters<typeof fieldsOfSystem>[0], form: Record<string, unknown>) {
  const { settings, secrets } = fieldsOfSystem(of);
  const faults: Faults = {};
  const read = (fields: typeof settings) => {
    const values = fields.map((field) => {
      try {
        return valuesOf([field], form);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        Object.assign(faults, error.fields);
        return {};
      }
    });
    return values.reduce((all, some) => ({ ...all, ...some }), {});
  };
  const parts = { settings: read(settings), secrets: read(secrets) };
  return { parts, faults };
}

function faultsIn(input: Parameters<typeof readConnectionInput>[0]): Faults {
  try {
    readConnectionInput(input);
    return {};
  } catch (error) {
    if (error instanceof RequestError) return error.fields;
    throw error;
  }
}

/** Each fault stands under its field, so that the whole form says only that there are some. */
function requireNoFaults(fields: Faults): void {
  if (Object.keys(fields).length === 0) return;
  throw new RequestError(422, "This cannot be kept as it is: look at what is marked.", { fields });
}

/** A person has seen what could not be used of a connection. */
async function dismissed(portal: Portal, source: Source, id: string): Promise<void> {
  await audited(portal, async (trx) => {
    await dismissRejections(trx, id, toInstant(portal.clock()));
    const note = { source, action: "rejections_dismissed", subject: id, details: {} };
    return { result: null, note };
  });
}

async function tested(connections: Portal["connections"], id: string): Promise<string> {
  try {
    return `It answered: ${await connections.test(id)}`;
  } catch (error) {
    if (error instanceof UpstreamError) return `It failed: ${error.message}`;
    throw error;
  }
}
