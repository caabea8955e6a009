import { z } from "zod";
import { clip } from "#domain/text.ts";
import { UpstreamError } from "#server/errors.ts";
import type { ConnectorHttp } from "#server/connectors/contract.ts";
import { readAnswer } from "#server/connectors/kit/rest.ts";
import type { Access, OdooCall } from "./api.ts";

interface Question<T> {
  service: "common" | "object";
  method: string;
  args: unknown[];
  schema: z.ZodType<T>;
  isQuestion: boolean;
}

/**
 * `POST /jsonrpc`, of every version up to 19: signs in by login and key, then calls `execute_kw`.
 * Errors come with HTTP 200 and undo what was done.
 */
export function jsonRpc(http: ConnectorHttp, { url, apiKey, database, login }: Access) {
  const address = `${url.replace(/\/+$/, "")}/jsonrpc`;
  let user: Promise<number> | undefined;

  async function rpc<T>({ service, method, args, schema, isQuestion }: Question<T>): Promise<T> {
    const params = { service, method, args };
    const answer = await http.request({
      method: "POST",
      url: address,
      headers: { "content-type": "application/json; charset=utf-8" },
      body: JSON.stringify({ jsonrpc: "2.0", method: "call", id: 1, params }),
    });
    const read = { method: isQuestion ? "GET" : "POST", answer };
    const { error } = readAnswer(http, { ...read, schema: Outcome });
    if (error) throw failureOf(http.name, error);
    return readAnswer(http, { ...read, schema: z.object({ result: schema }) }).result;
  }

  async function signIn(): Promise<number> {
    const uid = await rpc({
      service: "common",
      method: "authenticate",
      args: [database, login, apiKey, {}],
      schema: z.union([z.int(), z.literal(false)]),
      isQuestion: true,
    });
    if (uid !== false) return uid;
    throw new UpstreamError(`${http.name} refuses the login or the key`, { status: 401 });
  }

  async function userId(): Promise<number> {
    try {
      return await (user ??= signIn());
    } catch (error) {
      user = undefined; // the next call asks again
      throw error;
    }
  }

  return async <T>({ model, method, given, isQuestion }: OdooCall, schema: z.ZodType<T>) => {
    const { ids, domain, ...named } = given;
    const positional = [ids, domain].filter((argument) => argument !== undefined);
    const args = [database, await userId(), apiKey, model, method, positional, named];
    return rpc({ service: "object", method: "execute_kw", args, schema, isQuestion });
  };
}

const Outcome = z.object({
  error: z
    .object({
      message: z.string(),
      data: z.object({ name: z.string(), message: z.string() }).optional(),
    })
    .optional(),
});

/** By the exception's name; a status makes them comparable with those of HTTP. */
const statuses = new Map([
  ["AccessDenied", 401],
  ["AccessError", 403],
  ["MissingError", 404],
  ["UserError", 422],
  ["ValidationError", 422],
]);

function failureOf(name: string, { message, data }: NonNullable<z.infer<typeof Outcome>["error"]>) {
  const status = statuses.get(data?.name.split(".").at(-1) ?? "") ?? 500;
  const words = `${name} answered: ${clip(data?.message ?? message, 200)}`;
  const isFinal = status === 404 || status === 422;
  return new UpstreamError(words, { status, ...(isFinal && { retryAt: null }) });
}
