import Database from "better-sqlite3";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { connect } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import { secret } from "./messages.ts";

/**
 * What the portal's receiving is compared with: node:http, the same HMAC, the same table with its
 * indexes and one durable transaction for all that arrived together. Takes the data folder, and `hmac`
 * to store nothing; prints its port.
 */
const storesNothing = process.argv[3] === "hmac";
const file = join(process.argv[2] ?? ".", "bare.db");
const prepared = connect(`file:${file}`);
await migrate(prepared.writer);
await prepared.close();
const sqlite = new Database(file);
sqlite.pragma("synchronous = FULL");
sqlite.pragma("wal_autocheckpoint = 40000");
const insert = sqlite.prepare(`insert into deliveries
  (connection_id, dedupe_key, method, path, headers, body, received_at, due_at)
  values ('erp', ?, 'POST', ?, ?, ?, ?, ?) on conflict do nothing`);
const key = Buffer.from(secret.slice("whsec_".length), "base64");

type Waiting = { values: unknown[]; outgoing: ServerResponse };
let waiting: Waiting[] = [];

const writeAll = sqlite.transaction((batch: Waiting[]) => {
  for (const { values } of batch) insert.run(values);
});

function flush(): void {
  const batch = waiting;
  waiting = [];
  writeAll.immediate(batch);
  for (const { outgoing } of batch) outgoing.writeHead(204).end();
}

function isSigned({ headers }: IncomingMessage, body: Buffer): boolean {
  const stripe = headers["stripe-signature"];
  if (typeof stripe === "string") {
    const [, at = "", v1 = ""] = /^t=(\d+),v1=(\w+)$/.exec(stripe) ?? [];
    const digest = createHmac("sha256", secret).update(`${at}.`).update(body).digest("hex");
    return v1.length === digest.length && timingSafeEqual(Buffer.from(v1), Buffer.from(digest));
  }
  const mac = createHmac("sha256", key);
  mac
    .update(`${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.`)
    .update(body);
  const expected = Buffer.from(`v1,${mac.digest("base64")}`);
  const given = Buffer.from(String(headers["webhook-signature"]));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Stripe's id of a message stands in its body. */
function idIn(body: Buffer): string {
  const { id }: { id: string } = JSON.parse(body.toString());
  return id;
}

const server = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const body = Buffer.concat(chunks);
    if (!isSigned(incoming, body)) return void outgoing.writeHead(401).end();
    if (storesNothing) return void outgoing.writeHead(204).end();
    const headers = JSON.stringify(incoming.headers);
    const at = new Date().toISOString();
    if (waiting.length === 0) setImmediate(flush);
    const id = incoming.headers["webhook-id"] ?? idIn(body);
    const values = [id, incoming.url, headers, body, at, at];
    waiting.push({ values, outgoing });
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address !== "string") process.stdout.write(`${address.port}\n`);
});
