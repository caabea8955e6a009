import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { defineConnector } from "#server/connectors/contract.ts";
import { listed } from "#server/connectors/bind.ts";
import { openOutbound } from "#server/connectors/kit/http.ts";
import { restApi } from "#server/connectors/kit/rest.ts";

/** How the system treats the next note; `lose` keeps it and breaks the connection unanswered. */
export type Treatment = "take" | "busy" | "refuse" | "lose" | "conflict";

const Note = z.object({ id: z.string() });
const Notes = z.object({ notes: z.array(Note) });
const Written = z.object({
  marker: z.string(),
  version: z.union([z.string(), z.number()]).optional(),
});
const Version = z.object({ version: z.int() });

/** A small accounting system that takes notes on invoices, on a free port. */
export async function startErp() {
  const notes: { id: string; key: string; marker: string; version: unknown }[] = [];
  const calls: string[] = [];
  const treatments: Treatment[] = [];
  const server = createServer((incoming, outgoing) => {
    calls.push(`${incoming.method} ${incoming.url?.split("?")[0]}`);
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const send = (status: number, body: object) =>
      outgoing.writeHead(status).end(JSON.stringify(body));
    const url = new URL(incoming.url ?? "/", "http://erp");
    if (url.pathname.startsWith("/invoices/")) return void send(200, { version: 7 });
    if (incoming.method === "GET") {
      const marker = url.searchParams.get("marker");
      return void send(200, { notes: notes.filter((note) => note.marker === marker) });
    }
    const key = String(incoming.headers["idempotency-key"]);
    const written = Written.parse(JSON.parse(await text(incoming)));
    const treatment = treatments.shift() ?? "take";
    if (treatment === "busy") return void send(503, { message: "busy" });
    if (treatment === "refuse") return void send(400, { message: "the period is closed" });
    if (treatment === "conflict") return void send(409, { message: "somebody changed it" });
    const known = notes.find((note) => note.key === key);
    const note = known ?? { id: `NOTE-${notes.length + 1}`, key, version: null, ...written };
    if (!known) notes.push(note);
    if (treatment === "lose") return void outgoing.destroy();
    send(201, { id: note.id });
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const outbound = openOutbound({
    allow: ["127.0.0.0/8"],
    clock: () => new Date(),
    timeoutMs: 5_000,
  });
  return {
    notes,
    calls,
    treat: (...next: Treatment[]) => treatments.push(...next),
    /** A connection to it, able to look for what it wrote or not. */
    connection({ looks }: { looks: boolean }) {
      const connector = looks ? lookingConnector(url) : writingConnector(url);
      const bound = listed(connector).bind({}, {}, outbound.bind("The ERP"));
      return { name: "The ERP", pausedAt: null as string | null, connector: bound };
    },
    async [Symbol.asyncDispose]() {
      await outbound.close();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function writingConnector(url: string) {
  return defineConnector({
    name: "The ERP",
    kind: "erp" as const,
    settings: z.object({}),
    secrets: z.object({}),
    setUp: [],
    answersUnusable: false,
    accepted: { status: 204 },
    api: (_settings, _secrets, http) => restApi(http, url, () => ({})),
    verify: () => undefined,
    dedupeKey: () => null,
    parse: () => [],
    async fetch({ externalId }, api) {
      const { version } = await api.get(`/invoices/${externalId}`, Version);
      return { externalId: externalId ?? "", version };
    },
    async writeBack({ key, marker, invoice }: WriteBackRequest, api) {
      const body = { marker, version: invoice.version };
      const note = await api.post("/notes", body, Note, { idempotencyKey: key });
      return { reference: note.id, readBack: false, answer: "201" };
    },
  });
}

function lookingConnector(url: string) {
  const writing = writingConnector(url);
  return defineConnector({
    ...writing,
    async findWriteBack({ marker }: WriteBackRequest, api: ReturnType<typeof writing.api>) {
      const { notes } = await api.get(`/notes?marker=${encodeURIComponent(marker)}`, Notes);
      const [note] = notes;
      return note ? { reference: note.id, readBack: true, answer: "found" } : null;
    },
  });
}
