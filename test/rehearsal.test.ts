import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "#server/commands/program.ts";
import { databaseOf } from "#test/support/database.ts";
import { startSmtp } from "#test/support/smtp.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, webhookSecret } from "#test/support/start-portal.ts";

/** A system that counts what reaches it. */
async function startCounted() {
  let calls = 0;
  const server = createServer((_incoming, outgoing) => {
    calls += 1;
    outgoing.writeHead(200, { "content-type": "application/json" }).end('{"reference":"CASE-1"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    calls: () => calls,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

test(
  "a rehearsal sends no mail and nothing to a system, says so on every page, and keeps all for later",
  { timeout: 90_000 },
  async () => {
    await using erp = await startCounted();
    await using smtp = await startSmtp();
    const dataDir = await mkdtemp(join(tmpdir(), "rehearsal-"));
    const connection = {
      id: "erp",
      system: "standard-webhooks",
      settings: { writeBackUrl: `${erp.url}/portal`, fetchUrl: erp.url },
      secrets: { webhookSecret, writeBackSecret: webhookSecret },
    };
    const environment = { SMTP_URL: smtp.url, OUTBOUND_ALLOW: "127.0.0.0/8" };
    const start = (more: Record<string, string>) =>
      startTestPortal({
        dataDir,
        connections: [connection],
        environment: { ...environment, ...more },
      });
    {
      await using portal = await start({ REHEARSAL: "1" });
      await portal.deliver("erp", invoiceIssued("INV-1"));
      await portal.settled();
      const customer = await portal.addCustomer("Acme Tooling", "buyer@acme.example");
      await portal.addStaff("fin@kestrel.example");
      const buyer = await portal.as("buyer@acme.example");
      const invoice = `/c/${customer}/invoices/${await portal.invoiceId("INV-1")}`;
      const sent = await buyer.post(invoice, { do: "comment", text: "Where is it?" });
      expect(sent.status).toBe(302);
      await portal.settled();
      await portal.scheduler.runAll();
      await expect(portal.portal.connections.test("erp")).rejects.toThrow("This is a rehearsal");
      for (const page of [invoice, `/c/${customer}/invoices`]) {
        expect(await buyer.page(page)).toContain(
          "Rehearsal: this portal sends nothing to anybody.",
        );
      }
      const signIn = await (await fetch(`${portal.url}/sign-in`)).text();
      expect(signIn).toContain("Rehearsal: this portal sends nothing to anybody.");
      const rows = await portal.portal.db.selectFrom("outbox").selectAll().execute();
      expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(["mail", "writeback"]));
      expect(rows.every(({ attempts }) => attempts === 0)).toBe(true);
      expect([erp.calls(), smtp.mails.length]).toEqual([0, 0]);
    }
    {
      await using portal = await start({});
      await portal.settled();
      expect(erp.calls()).toBeGreaterThan(0);
      expect(smtp.mails.length).toBeGreaterThan(0);
      expect(await (await fetch(`${portal.url}/sign-in`)).text()).not.toContain("Rehearsal");
    }
    await (await databaseOf(dataDir)).drop();
    await rm(dataDir, { recursive: true });
  },
);

test(
  "after a start with a new APP_SECRET in front the old one is needed for nothing that is kept",
  { timeout: 90_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "rotation-"));
    const [older, newer] = [
      "the older secret which is long enough for all",
      "the newer secret which is long enough for all",
    ];
    const environment = (secret: string) => ({ APP_SECRET: secret });
    const { url } = await databaseOf(dataDir);
    const run = async (secret: string, ...args: string[]) => {
      let out = "";
      const given = {
        DATA_DIR: dataDir,
        DATABASE_URL: url,
        APP_SECRET: secret,
        LOG_LEVEL: "silent",
      };
      const take = (text: string) => (out += text);
      const code = await runCommand(args, { environment: given, out: take, err: take });
      return { code, out };
    };
    {
      await using portal = await startTestPortal({ dataDir, environment: environment(older) });
      await portal.deliver("erp", invoiceIssued("INV-1"));
      await portal.settled();
    }
    expect((await run(older, "ledger", "checkpoint")).code).toBe(0);
    // Beside a server that knows the older one alone, looking and working change nothing for it.
    const looked = await run(`${newer},${older}`, "doctor");
    expect(looked.out).toContain("secrets: 2 sealed under an older APP_SECRET");
    expect(looked.code).toBe(1);
    expect((await run(`${newer},${older}`, "ledger", "checkpoint")).code).toBe(0);
    for (const args of [
      ["connection", "list"],
      ["ledger", "checkpoint"],
    ]) {
      expect((await run(older, ...args)).code, args.join(" ")).toBe(0);
    }
    {
      await using portal = await startTestPortal({
        dataDir,
        environment: environment(`${newer},${older}`),
      });
      await portal.deliver("erp", invoiceIssued("INV-2"));
      await portal.settled();
    }
    expect((await run(`${newer},${older}`, "doctor")).out).toContain("may go");
    const made = await run(newer, "ledger", "checkpoint");
    expect(made.out).not.toContain("sealed");
    expect(made.code).toBe(0);
    expect((await run(newer, "connection", "list")).code).toBe(0);
    await (await databaseOf(dataDir)).drop();
    await rm(dataDir, { recursive: true });
  },
);
