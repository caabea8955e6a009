import { expect, test } from "vitest";
import { mostFields } from "#app/http/form-fields.server.ts";
import { linesAtOnce } from "#domain/list-limits.ts";
import { invoiceIssued } from "./support/standard-event.ts";
import { startTestPortal } from "./support/start-portal.ts";

const all = 5_000;
const lines = Array.from({ length: all }, (_, index) => ({
  ...{ id: `l${index + 1}`, description: `Bracket ${index + 1}.`, quantity: "2" },
  ...{ unitPrice: "1.00", net: "2.00" },
}));

async function openBig() {
  const portal = await startTestPortal();
  const sums = { total: "10000.00", balance: "10000.00" };
  await portal.deliver("erp", invoiceIssued("BIG-1", { ...sums, lines }));
  await portal.settled();
  await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  const buyer = await portal.as("buyer@acme.example");
  return { portal, buyer, path: `/invoices/${await portal.invoiceId("BIG-1")}` };
}

/** What a browser without JavaScript sends of a page's form when nothing else is touched. */
function fieldsOf(page: string): URLSearchParams {
  const fields = new URLSearchParams();
  const [, form = ""] = /<form[^>]*class="form"[^>]*>(.*?)<\/form>/s.exec(page) ?? [];
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const said = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1];
    const name = said("name");
    const isChoice = /type="(checkbox|radio)"/.test(input);
    if (name === undefined || (isChoice && !/\schecked=/.test(input))) continue;
    fields.append(name, said("value") ?? "");
  }
  return fields;
}

/** The numbers of the lines that a page of the form shows, and how many rows it has. */
const ticked = (page: string) =>
  [...page.matchAll(/<input[^>]*name="line"[^>]*>/g)]
    .filter(([input]) => /\schecked=/.test(input))
    .map(([input]) => /value="([^"]*)"/.exec(input)?.[1]);
const rows = (page: string) => page.match(/<input[^>]*name="line"/g)?.length;

test("the page of an invoice with thousands of lines shows some of them and the way to the others", async () => {
  const { portal, buyer, path } = await openBig();
  await using _ = portal;
  const first = await buyer.page(path);
  expect(first).toContain("Bracket 200.");
  expect(first).not.toContain("Bracket 201.");
  expect(first).toMatch(/Lines 1 to 200 of 5.?000/);
  expect(first).toContain(
    'href="?lines=2#lines"'.replace("?", new URL(buyer.at(path)).pathname + "?"),
  );
  const last = await buyer.page(`${path}?lines=25`);
  expect(last).toContain("Bracket 5000.");
  for (const odd of ["26", "-1", "x", "1.5", "1e9"]) {
    expect(await buyer.page(`${path}?lines=${odd}`), odd).toMatch(/Bracket (1|5000)\./);
  }
});

test("lines of several pages are disputed together without JavaScript", async () => {
  const { portal, buyer, path } = await openBig();
  await using _ = portal;
  const send = (query: string, fields: URLSearchParams) =>
    fetch(buyer.at(`${path}/dispute`) + query, {
      method: "POST",
      body: fields,
      headers: { ...buyer.headers, origin: portal.url },
      redirect: "manual",
    });
  const first = await buyer.page(`${path}/dispute`);
  const fields = fieldsOf(first);
  expect([...fields].length).toBeLessThan(mostFields / 2);
  fields.set("part", "lines");
  fields.set("reason", "quantity_incorrect");
  fields.append("line", "l7");
  fields.set("correct.l7", "1");
  fields.set("message", "");
  expect(first).toMatch(/formaction="\?lines=2&amp;turn=1"/i);
  const turned = await send("?lines=2&turn=1", fields);
  expect(turned.status).toBe(200);
  const second = await turned.text();
  expect(ticked(second)).toEqual(["l7"]);
  expect(rows(second)).toBe(linesAtOnce + 1);
  expect(second).toContain("Bracket 400.");
  const both = fieldsOf(second);
  expect(both.get("correct.l7")).toBe("1");
  expect(both.get("part")).toBe("lines");
  both.set("reason", "quantity_incorrect");
  both.append("line", "l400");
  both.set("message", "");
  // Refused, everything is still there.
  const refused = await send("?lines=2", both);
  expect(refused.status).toBe(422);
  expect(ticked(await refused.text())).toEqual(["l7", "l400"]);
  both.set("message", "Half of it came");
  const opened = await send("?lines=2", both);
  expect(opened.status).toBe(302);
  const dispute = await portal.portal.db
    .selectFrom("disputes")
    .selectAll()
    .executeTakeFirstOrThrow();
  expect(dispute.amount).toBe(300);
  expect(JSON.parse(dispute.lines)).toMatchObject([
    { lineId: "l7", correctValue: "1", amount: 100 },
    { lineId: "l400", amount: 200 },
  ]);
  const shown = await buyer.page(`/disputes/${dispute.number}`);
  expect(shown).toContain("lines 7, 400 of");
  expect(shown).toContain("Bracket 400.");
  expect(shown).not.toContain("Bracket 8.");
  await portal.addStaff("marit@kestrel.example");
  const marit = await portal.as("marit@kestrel.example");
  expect(await marit.page(`/finance/disputes/${dispute.id}`)).toContain("Line 400, Bracket 400.");
});

test("more lines than a dispute has at a time are refused by name", async () => {
  const { portal, buyer, path } = await openBig();
  await using _ = portal;
  const fields = fieldsOf(await buyer.page(`${path}/dispute`));
  fields.set("part", "lines");
  fields.set("reason", "other");
  fields.set("message", "All of it");
  for (let number = 1; number <= 400; number++) fields.append("line", `l${number}`);
  const answer = await fetch(buyer.at(`${path}/dispute`), {
    method: "POST",
    body: fields,
    headers: { ...buyer.headers, origin: portal.url },
  });
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("At most 300 lines are disputed at a time");
});
