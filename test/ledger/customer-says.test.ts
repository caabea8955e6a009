import { expect, test } from "vitest";
import { rebuild } from "#server/ledger/rebuild.ts";
import { startTestPortal, type TestPortal, webhookSecret } from "#test/support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";

const email = "ines@meridian.example";
const customer = { id: "C-1", name: "Meridian" };
const line = {
  id: "1",
  description: "Façade panels",
  quantity: "26",
  unit: "m²",
  unitPrice: "19.80",
  taxRate: "21",
  net: "514.80",
  tax: "108.11",
  total: "622.91",
};

async function withInvoice(portal: TestPortal, invoice: object = {}) {
  await portal.deliver("erp", invoiceIssued("KA-1", { customer, ...invoice }));
  await portal.settled();
  await portal.addCustomer("Meridian", email);
  return portal.as(email);
}

async function disputes({ portal }: TestPortal) {
  return portal.db.selectFrom("disputes").selectAll().orderBy("sequence").execute();
}

const whole = { reason: "other", part: "whole", message: "Never ordered" };
const path = "/invoices/KA-1/dispute";

test("the whole is disputed as the form showed it, or refused with the new figures", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  const pay = async (id: string, amount: string) => {
    await portal.deliver("erp", paymentReceived("KA-1", { id, amount }));
    await portal.settled();
  };
  await pay("P-1", "1000.00");
  const shown = { shownWhole: "25050", shownLines: "" };
  await pay("P-2", "250.50");
  const late = await ines.post(path, { ...whole, ...shown });
  expect(late.status).toBe(409);
  expect(await late.text()).toContain("of EUR 1250.50 there is now EUR 0.00 still due");
  expect(await disputes(portal)).toEqual([]);
  expect((await ines.post(path, whole)).status).toBe(302);
  expect(await disputes(portal)).toMatchObject([{ amount: 125_050 }]);
});

test("lines are disputed as the form showed them", async () => {
  await using portal = await startTestPortal();
  const lined = { lines: [line], total: "622.91", balance: "622.91" };
  const ines = await withInvoice(portal, lined);
  const seen = { shownWhole: "62291", shownLines: "another" };
  const form = { reason: "other", part: "lines", line: "1", message: "No", ...seen };
  const answer = await ines.post(path, form);
  expect(answer.status).toBe(409);
  expect(await answer.text()).toContain("The lines of the invoice changed");
});

test.each(["incomplete_delivery", "not_delivered", "damaged", "wrong_item", "quantity_incorrect"])(
  "%s compares quantities, with the tax of the line",
  async (reason) => {
    await using portal = await startTestPortal();
    const lined = { lines: [line], total: "622.91", balance: "622.91" };
    const ines = await withInvoice(portal, lined);
    const form = { reason, part: "lines", line: "1", message: "16 came" };
    const more = await ines.post(path, { ...form, "correct.1": "26" });
    expect(more.status).toBe(422);
    expect(await more.text()).toContain("Write a quantity below the invoiced 26");
    expect((await ines.post(path, { ...form, "correct.1": "16" })).status).toBe(302);
    expect(await disputes(portal)).toMatchObject([{ amount: 23_958 }]);
    const page = await ines.page("/disputes/D-KA-1-01");
    expect(page).toContain("Quantity invoiced");
  },
);

test("a price is compared where the reason is about the price; tax by its rate alone counts", async () => {
  await using portal = await startTestPortal();
  const { tax: _, total: __, ...bare } = line;
  const ines = await withInvoice(portal, { lines: [bare], total: "622.91", balance: "622.91" });
  const form = { reason: "price_incorrect", part: "lines", line: "1", message: "9.90 agreed" };
  expect((await ines.post(path, { ...form, "correct.1": "9.90" })).status).toBe(302);
  expect(await disputes(portal)).toMatchObject([{ amount: 31_146 }]);
});

test("amounts and quantities that can be read in two ways are asked back, in every field", async () => {
  await using portal = await startTestPortal();
  const many = { ...line, quantity: "1200", unitPrice: "1.00", net: "1200.00", tax: "0.00" };
  const total = { lines: [{ ...many, total: "1200.00" }], total: "1200.00", balance: "1200.00" };
  const ines = await withInvoice(portal, total);
  const amount = { reason: "other", part: "amount", amount: "1.000", message: "Too much" };
  const asked = await ines.post(path, amount);
  expect(asked.status).toBe(422);
  expect(await asked.text()).toContain("Do you mean EUR\u00a01,000.00 or EUR\u00a01.00?");
  const promised = { do: "promise", promisedOn: tomorrow(), amount: "1.000" };
  expect((await ines.post("/invoices/KA-1", promised)).status).toBe(422);
  const lines = { reason: "quantity_incorrect", part: "lines", line: "1", message: "Fewer came" };
  const open = await ines.post(path, { ...lines, "correct.1": "1.000" });
  expect(open.status).toBe(422);
  expect(await open.text()).toContain("Do you mean 1000 or 1?");
  const language = { do: "preferences", timeZone: "UTC", locale: "de-DE", mail: "payments" };
  await ines.post("/settings", language);
  expect((await ines.post(path, { ...lines, "correct.1": "1.000" })).status).toBe(302);
  expect(await disputes(portal)).toMatchObject([{ amount: 20_000 }]);
});

test("an amount is read as the page writes it, with its currency on either side", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  const form = {
    reason: "other",
    part: "amount",
    amount: "EUR\u00a01,100.50",
    message: "Too much",
  };
  expect((await ines.post(path, { ...form, amount: "USD 5" })).status).toBe(422);
  expect((await ines.post(path, form)).status).toBe(302);
  expect(await disputes(portal)).toMatchObject([{ amount: 110_050 }]);
});

test("a message that comes twice at once is one, a dispute and a withdrawal, too", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  const twice = (address: string, form: Record<string, string>) =>
    Promise.all([ines.post(address, form), ines.post(address, form)]);
  const said = await twice("/invoices/KA-1", { do: "comment", text: "Where is it?" });
  expect(said.map(({ status }) => status)).toEqual([302, 302]);
  expect(await portal.events("KA-1", "comment.added")).toHaveLength(1);
  await ines.post("/invoices/KA-1", { do: "comment", text: "Where is the other?" });
  expect(await portal.events("KA-1", "comment.added")).toHaveLength(2);

  const first = await ines.post(path, whole);
  const again = await ines.post(path, whole);
  expect(again.headers.get("location")).toBe(first.headers.get("location"));
  const other = await ines.post(path, { ...whole, message: "Something else" });
  expect(other.status).toBe(409);
  const gone = await twice("/disputes/D-KA-1-01", { do: "withdraw" });
  expect(gone.map(({ status }) => status)).toEqual([302, 302]);
  expect(await portal.events("KA-1", "dispute.withdrawn")).toHaveLength(1);
  const promise = { do: "promise", promisedOn: tomorrow(), amount: "" };
  await twice("/invoices/KA-1", promise);
  expect(await portal.events("KA-1", "promise.made")).toHaveLength(1);
});

test("an answer below the question on the invoice's page answers the dispute", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  await portal.addStaff("jeroen@kestrel.example");
  await ines.post(path, whole);
  const jeroen = await portal.as("jeroen@kestrel.example");
  const [dispute] = await disputes(portal);
  const ask = { do: "ask", text: "Which order?" };
  await jeroen.post(`/finance/disputes/${dispute?.id}`, ask);
  const page = await ines.page("/invoices/KA-1");
  const chosen = /<option value="(dsp_[^"]+)" selected="">/.exec(page)?.[1];
  expect(chosen).toBe(dispute?.id);
  const answer = { do: "comment", text: "Order 4500", disputeId: chosen ?? "" };
  expect((await ines.post("/invoices/KA-1", answer)).status).toBe(302);
  expect((await disputes(portal))[0]?.state).toBe("open");
  expect(await ines.page("/disputes/D-KA-1-01")).toContain("Order 4500");
  expect(await jeroen.page(`/finance/disputes/${dispute?.id}`)).toContain("Order 4500");
});

test("two colleagues who answer one question are both heard", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  await ines.post(path, whole);
  const [dispute] = await disputes(portal);
  await portal.addStaff("jeroen@kestrel.example");
  const jeroen = await portal.as("jeroen@kestrel.example");
  await jeroen.post(`/finance/disputes/${dispute?.id}`, { do: "ask", text: "Which order?" });
  const answers = await Promise.all(
    ["4500", "4501"].map((text) => ines.post("/disputes/D-KA-1-01", { do: "comment", text })),
  );
  expect(answers.map(({ status }) => status)).toEqual([302, 302]);
  expect(await portal.events("KA-1", "comment.added")).toHaveLength(2);
});

test("a promise is bounded, replaced visibly and taken back; a rebuild says the same", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  const promise = (promisedOn: string) =>
    ines.post("/invoices/KA-1", { do: "promise", promisedOn, amount: "100" });
  const far = await promise("9999-12-31");
  expect(far.status).toBe(422);
  expect(await far.text()).toContain("Choose a day until");
  const wrong = await promise("2026-02-31");
  expect(await wrong.text()).not.toContain("Invalid");
  expect((await promise(tomorrow())).status).toBe(302);
  const page = await ines.page("/invoices/KA-1");
  expect(page).toContain("This takes the place of the promise of");
  expect(page).toContain("Take the promise back");
  const back = { do: "withdraw_promise" };
  expect((await ines.post("/invoices/KA-1", back)).status).toBe(302);
  expect((await ines.post("/invoices/KA-1", back)).status).toBe(302);
  expect(await portal.events("KA-1", "promise.withdrawn")).toHaveLength(1);
  expect(await ines.page("/invoices/KA-1")).not.toContain("Take the promise back");
  const sent = await portal.portal.db
    .selectFrom("outbox")
    .where("kind", "=", "writeback")
    .select("what")
    .execute();
  expect(sent.map(({ what }) => what)).toEqual(["promise.made", "promise.withdrawn"]);
  const none = { invoices: 0, disputes: 0, comments: 0, promises: 0 };
  expect((await rebuild(portal.portal)).differences).toEqual(none);
});

test("the form offers only what is not in dispute already", async () => {
  await using portal = await startTestPortal();
  const two = [line, { ...line, id: "2", description: "Brackets" }];
  const ines = await withInvoice(portal, { lines: two, total: "1245.82", balance: "1245.82" });
  const lines = { reason: "other", part: "lines", line: "1", message: "Wrong" };
  await ines.post(path, lines);
  const partly = await ines.page(path);
  expect(partly).toContain("in dispute with <!-- -->D-KA-1-01");
  expect(partly).not.toContain("The whole invoice");
  expect(partly).toMatch(/<input[^>]*disabled=""[^>]*value="1"|value="1"[^>]*disabled=""/);
  await ines.post(path, { ...lines, line: "2" });
  expect(await ines.page(path)).toContain("Every line of this invoice is in dispute already");
  await ines.post("/disputes/D-KA-1-01", { do: "withdraw" });
  await ines.post("/disputes/D-KA-1-02", { do: "withdraw" });
  await ines.post(path, { ...whole, message: "All of it" });
  const blocked = await ines.page(path);
  expect(blocked).toContain("D-KA-1-03 is still open about this invoice");
  expect(blocked).not.toContain("Open the dispute");
});

test("paid and credited stand apart on the form", async () => {
  await using portal = await startTestPortal();
  const settled = { paid: "500.00", credited: "250.50", balance: "500.00" };
  const ines = await withInvoice(portal, settled);
  const text = (await ines.page(path)).replaceAll(/<[^>]*>/g, "");
  expect(text).toContain("Already paidEUR500.00");
  expect(text).toContain("Already creditedEUR250.50");
});

test("a message of 5,000 characters is taken with the line ends that a browser sends", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  const text = `${"a\r\n".repeat(2_499)}ab`;
  expect((await ines.post("/invoices/KA-1", { do: "comment", text })).status).toBe(302);
  const [said] = await portal.events("KA-1", "comment.added");
  expect(said?.data).toMatchObject({ text: text.replaceAll("\r\n", "\n") });
  const longer = await ines.post("/invoices/KA-1", { do: "comment", text: "b".repeat(5_001) });
  expect(await longer.text()).toContain("At most 5,000 characters");
});

test("a dispute's page lists its own write-backs, which say what they carry", async () => {
  const secrets = { webhookSecret, writeBackSecret: webhookSecret };
  const settings = { writeBackUrl: "http://127.0.0.1:9/portal" };
  const erp = { id: "erp", system: "standard-webhooks", settings, secrets };
  await using portal = await startTestPortal({ connections: [erp] });
  const ines = await withInvoice(portal);
  await ines.post(path, { ...whole, message: "The first of two" });
  await ines.post("/disputes/D-KA-1-01", { do: "withdraw" });
  await ines.post(path, { ...whole, message: "The second of two" });
  const second = await ines.page("/disputes/D-KA-1-02");
  const aside = second.slice(second.indexOf("Received by their system"), second.indexOf("</main>"));
  expect(aside).toContain("The second of two");
  expect(aside).not.toContain("D-KA-1-01");
  expect(second.indexOf("Withdraw the dispute")).toBeLessThan(
    second.indexOf("Received by their system"),
  );
  const invoice = await ines.page("/invoices/KA-1");
  const sent = invoice.slice(invoice.indexOf("Received by their system"));
  for (const words of ["The first of two", "D-KA-1-01", "D-KA-1-02"]) {
    expect(sent).toContain(words);
  }
});

test("a closed dispute shows what was credited", async () => {
  await using portal = await startTestPortal();
  const ines = await withInvoice(portal);
  await portal.addStaff("jeroen@kestrel.example");
  const jeroen = await portal.as("jeroen@kestrel.example");
  await ines.post(path, whole);
  const [dispute] = await disputes(portal);
  const resolved = { do: "resolve", credit: "EUR 321.00", text: "You are right", rootCause: "" };
  expect((await jeroen.post(`/finance/disputes/${dispute?.id}`, resolved)).status).toBe(302);
  const list = (await ines.page("/disputes?view=closed")).replaceAll(/<[^>]*>/g, "");
  expect(list).toContain("Credited");
  expect(list).toContain("321.00");
});

function tomorrow(): string {
  return new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
}
