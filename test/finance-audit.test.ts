import { sql } from "kysely";
import { expect, test } from "vitest";
import { canonicalJson } from "#domain/canonical-json.ts";
import { commitmentOf } from "#server/ledger/append.ts";
import { databaseOf } from "#test/support/database.ts";
import { disputed } from "#test/support/disputed.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";
import { tamper } from "#test/support/tamper.ts";

type Reader = Awaited<ReturnType<TestPortal["as"]>>;

/** The file that the form of the audit page gives, byte for byte. */
async function exported(
  reader: Reader,
  { format, query = "" }: { format: string; query?: string },
) {
  const answer = await reader.post(`/finance/audit/export${query}`, { format });
  expect(answer.status).toBe(200);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await answer.arrayBuffer());
}

test("the export holds every event of the ledger, byte for byte, and is itself recorded", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const auditor = await portal.as("audit@kestrel.example");
  const text = await exported(auditor, { format: "jsonl" });
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const rows = await portal.portal.db
    .selectFrom("events")
    .selectAll()
    .orderBy("sequence")
    .execute();
  expect(lines).toHaveLength(rows.length);
  for (const [index, row] of rows.entries()) {
    expect(lines[index]).toMatchObject({
      sequence: row.sequence,
      hash: row.hash,
      commitment: row.commitment,
      data: row.data,
      salt: row.salt,
    });
  }
  expect(rows.at(-1)?.data).toContain("ledger_exported");
  const csv = await exported(auditor, { format: "csv", query: "?type=dispute.opened" });
  const [head, first, ...rest] = csv.split("\r\n");
  expect(head).toMatch(/^\uFEFFsequence,recordedAt,/);
  expect(first).toContain("dispute.opened");
  expect(rest).toEqual([""]);
});

test("verifying says unchanged, until somebody changed a row behind the ledger's back", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const auditor = await portal.as("audit@kestrel.example");
  const verdict = async () => {
    expect((await auditor.post("/finance/audit", { do: "verify" })).status).toBe(302);
    for (;;) {
      const page = await auditor.page("/finance/audit");
      if (!page.includes("so far")) return page;
    }
  };
  expect(await verdict()).toContain("Unchanged");
  await tamper((await databaseOf(portal.dataDir)).url, [
    "update events set data = replace(data, '20000', '10000') where type = 'dispute.opened'",
  ]);
  const [opened] = await portal.events("INV-1", "dispute.opened");
  const page = await verdict();
  expect(page).toContain(`Event ${opened?.sequence} is not what was recorded`);
  expect(page).toContain("its data was changed");
});

test("looking for a rare type stops after a while and goes on from there", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const { writer } = portal.portal;
  const many = 20_100;
  await sql`
    with recursive number(i) as (select 1 union all select i + 1 from number where i < ${many})
    insert into events (sequence, chain, type, type_version, audience, invoice_id,
      occurred_at, recorded_at, source, commitment, hash, salt, data)
    select head.sequence + i as sequence, chain, type, type_version, audience, invoice_id,
      occurred_at, events.recorded_at, source, commitment, hash, salt, data
    from number, events, ledger_head as head where events.sequence = 1
  `.execute(writer);
  await sql`update ledger_head set sequence = sequence + ${many}`.execute(writer);
  const auditor = await portal.as("audit@kestrel.example");
  const page = await auditor.page("/finance/audit?type=dispute.opened");
  expect(page).toContain("Looked back to event");
  expect(page).not.toContain("Ines de Wolf disputed");
  const [, next = ""] = /href="([^"]*before=[^"]*)"/.exec(page) ?? [];
  const older = await auditor.page(next.replaceAll("&amp;", "&"));
  expect(older).toContain("Ines de Wolf disputed");
  expect(older).toContain("First");
  const csv = await exported(auditor, { format: "csv", query: "?type=dispute.opened" });
  expect(csv.split("\r\n")).toHaveLength(3);
});

test("an address alone exports nothing and writes nothing", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const auditor = await portal.as("audit@kestrel.example");
  const before = (await portal.events()).length;
  const answer = await fetch(`${portal.url}/finance/audit/export?format=csv`, {
    headers: { cookie: auditor.cookie },
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect((await portal.events()).length).toBe(before);
});

test.each([
  ["=1+2", "'=1+2"],
  ["\uFF1D1+1", "'\uFF1D1+1"],
  ["x;=1+2", "x;'=1+2"],
  ["x; \uFF20SUM(A1)", "x; '\uFF20SUM(A1)"],
])(
  "no spreadsheet runs %s as a formula, and what is hashed stays what it is",
  async (typed, shown) => {
    await using portal = await startTestPortal();
    await portal.addStaff("audit@kestrel.example", "auditor");
    await portal.deliver("erp", invoiceIssued(typed));
    await portal.settled();
    const auditor = await portal.as("audit@kestrel.example");
    const csv = await exported(auditor, { format: "csv", query: "?type=invoice.issued" });
    expect(csv).toContain(shown.includes(";") ? `,"${shown}",` : `,${shown},`);
    const [event] = await portal.portal.db
      .selectFrom("events")
      .where("type", "=", "invoice.issued")
      .selectAll()
      .execute();
    const fields = [...csv.matchAll(/"((?:[^"]|"")*)"(?=,|\r)/g)].map(([, text = ""]) =>
      text.replaceAll('""', '"'),
    );
    const data = fields.find((text) => text.includes("snapshot") || text.includes("invoice")) ?? "";
    expect(data).not.toMatch(/;\s*[=+\-@\uFF20]/);
    expect(commitmentOf(event?.salt ?? "", canonicalJson(JSON.parse(data)))).toBe(
      event?.commitment,
    );
  },
);

test.each(["from=0000-01-01", "until=9999-12-31", "from=9999-12-31&until=0000-01-01"])(
  "the audit log answers for %s",
  async (query) => {
    await using portal = await startTestPortal();
    await portal.addStaff("audit@kestrel.example", "auditor");
    const auditor = await portal.as("audit@kestrel.example");
    expect(await auditor.page(`/finance/audit?${query}`)).toContain("events in the ledger");
  },
);
