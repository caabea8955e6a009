import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { expect, vi } from "vitest";
import { z } from "zod";
import type { ErpInvoice } from "#demo/erp/invoice.ts";
import { startErp } from "#demo/erp/main.ts";

export const webhookSecret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const writeBackSecret = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

/** The body of a webhook as the ERP sends it. */
export const Sent = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z.looseObject({
    invoice: z.looseObject({ number: z.string(), balance: z.string(), version: z.number() }),
  }),
});
const Reference = z.object({ reference: z.string() });
/** An open invoice INV-<1000 + id> over 1250.50 EUR at version 7, but for what is told. */
export function erpInvoice(id: number, told: Partial<ErpInvoice> = {}): ErpInvoice {
  const line = { id: "1", description: "Anodizing", quantity: "10", unit: "pcs", taxRate: "20" };
  return {
    id: String(id),
    number: `INV-${1000 + id}`,
    customer: { id: "C1", name: "Aerospace Parts", email: "ap@example.com" },
    currency: "EUR",
    total: 125_050,
    paid: 0,
    credited: 0,
    issuedOn: "2026-11-01",
    dueOn: "2099-12-01",
    status: "open",
    poNumber: null,
    description: "Anodizing",
    lines: [{ ...line, unitPrice: 100, net: 1000, total: 1200 }],
    payments: [],
    credits: [],
    version: 7,
    updatedAt: "2026-11-01T08:00:00.000Z",
    ...told,
  };
}

/** The demo ERP on a free port with a stand-in for the portal; disposing stops both. */
export async function startDemo(invoices = [erpInvoice(1)]) {
  const folder = mkdtempSync(join(tmpdir(), "demo-erp-"));
  const portal = await startStandIn();
  const options = {
    port: 0,
    portalUrl: portal.url,
    connectionId: "erp",
    webhookSecret,
    writeBackSecret,
    fetchToken: "token",
    dataFile: join(folder, "erp.db"),
    pausesMs: [5, 10],
  };
  let erp = await startErp(options);
  erp.loadInvoices(invoices);
  const get = (path: string) =>
    fetch(`${erp.url}${path}`, { headers: { authorization: "Bearer token" } });
  const submit = (path: string, form: Record<string, string>) =>
    fetch(`${erp.url}${path}`, {
      method: "POST",
      body: new URLSearchParams(form),
      redirect: "manual",
    });
  return {
    portal,
    get,
    submit,
    get erp() {
      return erp;
    },
    page: async (path: string) => (await (await get(path)).text()).replace(/\s+/g, " "),
    fetched: async (id: string): Promise<unknown> => (await get(`/api/invoices/${id}`)).json(),
    async press(path: string, form: Record<string, string>) {
      expect((await submit(path, form)).status).toBe(303);
    },
    async writeBack(
      type: string,
      data: object,
      how: { id?: string; secret?: string; sentAt?: Date } = {},
    ) {
      const { id = crypto.randomUUID(), secret = writeBackSecret, sentAt = new Date() } = how;
      const about = { invoice: { number: "INV-1001", externalId: "1" }, actor: { name: "Ada" } };
      const message = { type, timestamp: sentAt.toISOString(), data: { ...about, ...data } };
      const body = JSON.stringify(message);
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
        "webhook-signature": new Webhook(secret).sign(id, sentAt, body),
      };
      const response = await fetch(erp.writeBackUrl, { method: "POST", headers, body });
      const said: unknown = await response.json();
      if (response.ok || response.status === 409) {
        return { status: response.status, ...Reference.parse(said) };
      }
      return { status: response.status, ...z.object({ detail: z.string() }).parse(said) };
    },
    async restart() {
      await erp.close();
      erp = await startErp(options);
    },
    async [Symbol.asyncDispose]() {
      await erp.close();
      await portal.close();
      rmSync(folder, { recursive: true });
    },
  };
}

type Delivery = { type: string; body: string; headers: Record<string, string>; answered: unknown };

/** A stand-in for the portal: keeps what it is sent, and answers 204 or what `answers` says next. */
async function startStandIn() {
  const deliveries: Delivery[] = [];
  const answers: (number | "hang-up")[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answered = answers.shift() ?? 204;
      const { type } = Sent.parse(JSON.parse(body));
      deliveries.push({ type, body, headers: webhookHeaders(request.headers), answered });
      if (answered === "hang-up") response.destroy();
      else response.writeHead(answered).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    /** The deliveries, once there are as many; fails when there are more. */
    async received(count: number) {
      await vi.waitUntil(() => deliveries.length >= count, { timeout: 20_000, interval: 5 });
      expect(deliveries).toHaveLength(count);
      return deliveries;
    },
    async receivedOne() {
      const [delivery] = await this.received(1);
      if (!delivery) throw new Error("The stand-in received nothing");
      return delivery;
    },
    async accepted(id: string | undefined) {
      const isIt = ({ headers, answered }: Delivery) =>
        headers["webhook-id"] === id && answered === 204;
      await vi.waitUntil(() => deliveries.some(isIt), { timeout: 20_000, interval: 5 });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function webhookHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  return Object.fromEntries(names.map((name) => [name, z.string().parse(headers[name])]));
}
