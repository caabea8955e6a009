import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import {
  holds,
  isMethod,
  type Method,
  methods,
  moveRow,
  ownFields,
  type Row,
} from "./odoo-records.ts";
import { type Asked, type Reply, startStandIn } from "./stand-in.ts";

/** An exception of Odoo's, by its name; what the call had done is undone. */
class Refusal extends Error {
  override name: string;
  readonly status: number;
  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

const apiKey = "key-of-portal-bot";
/** How the next call is treated: `lose` does it and breaks the connection unanswered. */
export type Treatment = "do" | "lose" | { status: number; headers?: Record<string, string> };

interface Options {
  /** Whether the three fields of the portal were made. */
  hasOwnFields?: boolean;
}

/**
 * A small Odoo that speaks JSON-2 and JSON-RPC and refuses what the real one refuses: unknown methods,
 * arguments and fields, a wrong key, accounting fields of a posted invoice.
 */
export function openOdoo({ hasOwnFields = true }: Options = {}) {
  const moves: Row[] = [];
  const messages: Row[] = [];
  const activities: Row[] = [];
  const partials: Row[] = [];
  const lines: Row[] = [];
  const calls: string[] = [];
  const treatments: Treatment[] = [];
  let lastId = 9000;

  const tables = { "account.move": moves, "mail.message": messages, "mail.activity": activities };
  const mine = hasOwnFields ? ownFields : [];

  function select(model: keyof typeof tables, rows: Row[], names: string[]): Row[] {
    const known = new Set(
      Object.keys(model === "account.move" ? moveRow({ id: 1 }) : (rows[0] ?? {})),
    );
    for (const name of [...mine, "id"]) known.add(name);
    return rows.map((row) => {
      const picked: Row = { id: row.id };
      for (const name of names) {
        if (!known.has(name)) {
          throw new Refusal("builtins.ValueError", 500, `Invalid field '${name}' on '${model}'`);
        }
        picked[name] = row[name] ?? false;
      }
      return picked;
    });
  }

  function search(
    model: keyof typeof tables,
    asked: z.infer<(typeof methods)["mail.message/search_read"]>,
  ) {
    const found = tables[model].filter((row) => asked.domain.every((each) => holds(row, each)));
    found.sort((a, b) => (asked.order === "id desc" ? b.id - a.id : a.id - b.id));
    return select(model, found.slice(0, asked.limit ?? 80), asked.fields);
  }

  /** The partial reconciliations of the invoices that the domain names by their lines' entry. */
  function matched(domain: z.infer<(typeof methods)["mail.message/search_read"]>["domain"]) {
    const [, , wanted] = domain.find(([field]) => field === "debit_move_id.move_id") ?? [];
    const moveOf = (link: unknown) => {
      const line = lines.find(({ id }) => Array.isArray(link) && id === link[0]);
      return Array.isArray(line?.move_id) ? line.move_id[0] : undefined;
    };
    return partials.filter(
      (row) => Array.isArray(wanted) && wanted.includes(moveOf(row.debit_move_id)),
    );
  }

  function existing(wanted: number[]): Row[] {
    return wanted.map((id) => {
      const row = moves.find((move) => move.id === id);
      if (row) return row;
      throw new Refusal(
        "odoo.exceptions.MissingError",
        404,
        "Record does not exist or has been deleted.",
      );
    });
  }

  function write(rows: Row[], vals: Record<string, unknown>): true {
    for (const name of Object.keys(vals)) {
      if (mine.includes(name)) continue;
      throw new Refusal(
        "odoo.exceptions.UserError",
        422,
        `You cannot change ${name} of a posted entry`,
      );
    }
    for (const row of rows) Object.assign(row, vals);
    return true;
  }

  function toggleBlock([row]: Row[]): true {
    const state = row?.payment_state;
    if (!row || (state !== "blocked" && state !== "not_paid" && state !== "partial")) {
      throw new Refusal("odoo.exceptions.UserError", 422, "You can't block a paid invoice.");
    }
    row.payment_state = state === "blocked" ? "not_paid" : "blocked";
    return true;
  }

  function run(name: Method, given: unknown): unknown {
    const read = methods[name].safeParse(given);
    if (!read.success) throw new Refusal("builtins.TypeError", 422, z.prettifyError(read.error));
    switch (name) {
      case "account.move/read": {
        const asked = methods[name].parse(given);
        return select("account.move", existing(asked.ids), asked.fields);
      }
      case "account.move/search_read":
        return search("account.move", methods[name].parse(given));
      case "account.partial.reconcile/search_read":
        return matched(methods[name].parse(given).domain);
      case "account.move.line/read": {
        const asked = methods[name].parse(given);
        return lines.filter(({ id }) => asked.ids.includes(id));
      }
      case "account.move.line/search_read": {
        const asked = methods[name].parse(given);
        const [, , wanted] = asked.domain.find(([field]) => field === "move_id") ?? [];
        const none = { account_type: false, debit: 0, credit: 0 };
        return lines
          .filter(({ move_id: link }) => {
            return Array.isArray(wanted) && Array.isArray(link) && wanted.includes(link[0]);
          })
          .map((row) => ({ ...none, ...row }));
      }
      case "mail.message/search_read":
        return search("mail.message", methods[name].parse(given));
      case "mail.activity/search_read":
        return search("mail.activity", methods[name].parse(given));
      case "account.move/write": {
        const asked = methods[name].parse(given);
        return write(existing(asked.ids), asked.vals);
      }
      case "account.move/message_post": {
        const {
          ids: [id = 0],
          ...message
        } = methods[name].parse(given);
        existing([id]);
        messages.push({ id: ++lastId, model: "account.move", res_id: id, ...message });
        return lastId;
      }
      case "account.move/activity_schedule": {
        const {
          ids: [id = 0],
          ...activity
        } = methods[name].parse(given);
        existing([id]);
        activities.push({ id: ++lastId, res_model: "account.move", res_id: id, ...activity });
        return lastId;
      }
      case "account.move/action_toggle_block_payment":
        return toggleBlock(existing(methods[name].parse(given).ids));
      case "mail.activity/action_feedback": {
        const asked = methods[name].parse(given);
        const left = activities.filter(({ id }) => !asked.ids.includes(id));
        activities.splice(0, activities.length, ...left);
        return ++lastId;
      }
    }
  }

  function attempt(name: string, given: unknown): unknown {
    calls.push(name);
    if (!isMethod(name))
      throw new Refusal("werkzeug.exceptions.NotFound", 404, `No method ${name}`);
    return run(name, given);
  }

  function json2({ path, headers, body }: Asked): Reply {
    const name = path.slice("/json/2/".length);
    try {
      requireKey(headers);
      return { status: 200, body: JSON.stringify(attempt(name, JSON.parse(body.toString()))) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { name: exception, message, status } = error;
      const about = { arguments: [message], context: {}, debug: "Traceback" };
      return { status, body: { name: exception, message, ...about } };
    }
  }

  function jsonRpc({ body }: Asked): Reply {
    const { id, params } = Rpc.parse(JSON.parse(body.toString()));
    const said = (outcome: object) => ({ status: 200, body: { jsonrpc: "2.0", id, ...outcome } });
    try {
      return said({
        result: params.service === "common" ? signIn(params.args) : execute(params.args),
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const data = { name: error.name, message: error.message, debug: "Traceback" };
      return said({ error: { code: 200, message: "Odoo Server Error", data } });
    }
  }

  function execute(args: unknown[]): unknown {
    const [database, uid, key, model, method, positional, named] = Execute.parse(args);
    if (database !== "acme-prod" || uid !== 7 || key !== apiKey) {
      throw new Refusal("odoo.exceptions.AccessDenied", 401, "Access Denied");
    }
    const [first] = positional;
    const isSearch = method === "search_read";
    return attempt(`${model}/${method}`, { [isSearch ? "domain" : "ids"]: first, ...named });
  }

  /** Answers one request, or breaks the connection. */
  function answer(asked: Asked): Reply | undefined {
    const treatment = treatments.shift() ?? "do";
    if (typeof treatment === "object") return { ...treatment, body: "" };
    if (asked.method !== "POST") return { status: 405 };
    if (!asked.headers["content-type"]?.startsWith("application/json")) return { status: 415 };
    const reply = asked.path === "/jsonrpc" ? jsonRpc(asked) : json2(asked);
    return treatment === "lose" ? undefined : reply;
  }

  const treat = (...next: Treatment[]) => treatments.push(...next);
  return { moves, messages, activities, partials, lines, calls, treat, answer };
}

/** The same on a port of its own. */
export async function startOdoo(options: Options = {}) {
  const odoo = openOdoo(options);
  const server = await startStandIn((asked) => odoo.answer(asked));
  return {
    ...odoo,
    url: server.url,
    asked: server.asked,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const Rpc = z.object({
  jsonrpc: z.literal("2.0"),
  method: z.literal("call"),
  id: z.int(),
  params: z.strictObject({
    service: z.enum(["common", "object"]),
    method: z.enum(["authenticate", "execute_kw"]),
    args: z.array(z.unknown()),
  }),
});

const Execute = z.tuple([
  ...[z.string(), z.int(), z.string(), z.string(), z.string()],
  z.array(z.unknown()).length(1),
  z.record(z.string(), z.unknown()),
] as const);

function signIn([database, login, key]: unknown[]): number | false {
  return database === "acme-prod" && login === "portal-bot" && key === apiKey ? 7 : false;
}

function requireKey({ authorization }: IncomingHttpHeaders): void {
  if (authorization === `bearer ${apiKey}`) return;
  throw new Refusal("odoo.exceptions.AccessDenied", 401, "Invalid apikey");
}
