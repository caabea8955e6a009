import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { connectors } from "#server/connectors/index.ts";
import { testHttp } from "./stand-in.ts";

const addOn = join(import.meta.dirname, "../../public/odoo/portal_push/models.py");
const Sent = z.object({
  url: z.string(),
  body: z.string(),
  headers: z.record(z.string(), z.string()),
});

test.each(["test-secret-odoo", "whsec_dGVzdC1zZWNyZXQtb2Rvby1zdGFuZGFyZA=="])(
  "the add-on sends the last state of a transaction, signed with %s, and leaves other webhooks alone",
  (webhookSecret) => {
    const harness = join(import.meta.dirname, "odoo-add-on.py");
    const output = execFileSync("python3", [harness, addOn, webhookSecret], { encoding: "utf8" });
    const [other, another, last, ...rest] = output.trim().split("\n");
    expect([other, another]).toEqual(['{"plain": true}', '{"plain": true}']);
    expect(rest).toEqual([]);
    const { url, body, headers } = Sent.parse(JSON.parse(last ?? ""));
    expect(url).toBe("https://portal.example/webhooks/odoo");
    const connector = connectors.get("odoo")?.bind({}, { webhookSecret }, testHttp());
    const receivedAt = new Date();
    const sent = { method: "POST", query: "", headers: new Headers(headers), receivedAt };
    const delivery = { ...sent, body: Buffer.from(body) };
    connector?.verify(delivery);
    expect(connector?.dedupeKey(delivery)).toMatch(/^odoo_341_[0-9a-f]{16}$/);
    expect(connector?.parse(delivery).changes).toMatchObject([
      {
        invoice: {
          ...{ externalId: "341", number: "INV/2026/00087", toldAt: "2026-11-10T15:02:11.000Z" },
          ...{ total: { amount: 115000 }, due: { amount: 0 }, dueOn: "2026-12-02" },
          customer: { externalId: "44", name: "Müller Präzision GmbH" },
          references: [{ kind: "po", value: "PO-9" }],
        },
      },
    ]);
  },
);
