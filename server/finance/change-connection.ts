import { z } from "zod";
import { dismissRejections } from "#db/queries/rejections.ts";
import { removeConnection } from "#server/connect/disconnect.ts";
import type { Source } from "#server/domain/event.ts";
import { toInstant } from "#server/domain/time.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "./audited.ts";
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
    name: z.string().trim().min(1, "Write a name").max(100),
    receivesDisputes: z.string().optional(),
  }),
]);

export const NewConnectionForm = z.looseObject({
  do: z.literal("add"),
  system: z.string().min(1, "Choose a system"),
  id: z.string().trim().min(1, "Choose a short name for the address, e.g. erp"),
  name: z.string().trim().max(100),
});

/**
 * Does what the form says to a connection. Gives words to show, or null when the page says enough.
 * Throws RequestError 404, 409 for one that the file defines, 422 naming each fault.
 */
export async function doToConnection(
  portal: Portal,
  source: Source,
  { id, form }: { id: string; form: z.infer<typeof ConnectionForm> },
): Promise<string | null> {
  const { connections } = portal;
  if (form.do === "remove") return removeConnection(portal, source, id);
  if (form.do === "test") return tested(connections, id);
  if (form.do === "dismiss") await dismissed(portal, source, id);
  if (form.do === "pause") await connections.pause(id, source);
  if (form.do === "resume") await connections.resume(id, source);
  if (form.do === "change") {
    const connection = connections.get(id);
    if (!connection) throw new RequestError(404, "There is no such connection");
    const fields = fieldsOfSystem(connection);
    const change = {
      name: form.name,
      receivesDisputes: form.receivesDisputes !== undefined,
      settings: valuesOf(fields.settings, form),
      secrets: valuesOf(fields.secrets, form),
    };
    await connections.update(id, change, source);
  }
  return null;
}

/** Adds a connection as the form describes it; gives its id. Throws 409 or 422 naming each fault. */
export async function addConnection(
  { connections }: Portal,
  source: Source,
  form: z.infer<typeof NewConnectionForm>,
): Promise<string> {
  const fields = fieldsOfSystem(form);
  const { id } = await connections.add(
    {
      id: form.id,
      system: form.system,
      ...(form.name === "" ? {} : { name: form.name }),
      settings: valuesOf(fields.settings, form),
      secrets: valuesOf(fields.secrets, form),
    },
    source,
  );
  return id;
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
