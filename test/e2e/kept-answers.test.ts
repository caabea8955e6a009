import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { record } from "#server/ledger/record.ts";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { disputed } from "#test/support/disputed.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

let world: Awaited<ReturnType<typeof disputed>>;
let browser: Browser;
let strangers = 0;

beforeAll(async () => {
  world = await disputed();
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await world.portal[Symbol.asyncDispose]();
});

async function open(email: string, path: string): Promise<Page> {
  const { portal } = world;
  const { cookie, at } = await portal.as(email);
  const context = await signedIn(browser, { url: portal.url, cookie });
  const page = await context.newPage();
  await page.goto(at(path));
  await page.getByText(/^Live, /).waitFor();
  return page;
}

/** An invoice of a customer record that nobody knew, and every page of the console loaded again. */
async function somethingHappens(page: Page): Promise<void> {
  strangers += 1;
  const customer = { id: `C-S${strangers}`, name: `Stranger ${strangers}` };
  await world.portal.deliver("erp", invoiceIssued(`S-${strangers}`, { customer }));
  await world.portal.settled();
  const rail = page.getByRole("navigation", { name: "Finance" });
  await rail.getByRole("link", { name: `Customer records ${strangers}` }).waitFor();
}

const draftsIn = (page: Page) =>
  page.evaluate(() =>
    Object.entries(sessionStorage).flatMap(([name, text]) =>
      name.startsWith("draft ") ? text : [],
    ),
  );

test("a refused resolution keeps its faults, its words and its draft while the page loads again", async () => {
  const page = await open("marit@kestrel.example", `${world.path}?write=resolve`);
  const credit = page.locator("input[name=credit]");
  const text = page.locator("#compose textarea");
  await credit.fill("999999");
  await text.fill("words of ten minutes");
  await page.getByRole("button", { name: "Resolve with this credit" }).click();
  const fault = page.getByText(/^Credit from nothing up to/).first();
  await fault.waitFor();
  expect(await draftsIn(page)).toEqual(["words of ten minutes"]);

  await somethingHappens(page);
  await somethingHappens(page);
  expect(await fault.isVisible()).toBe(true);
  expect(await credit.inputValue()).toBe("999999");
  expect(await text.inputValue()).toBe("words of ten minutes");
  await page.reload();
  await page.getByText(/^Live, /).waitFor();
  await expect.poll(() => text.inputValue()).toBe("words of ten minutes");
  expect(await fault.count()).toBe(0);

  await credit.fill("1");
  await page.getByRole("button", { name: "Resolve with this credit" }).click();
  await page.getByText("Resolved. The customer is told.").waitFor();
  await page.getByRole("link", { name: "Open again" }).click();
  await page.getByRole("button", { name: "Open again" }).waitFor();
  expect(await text.inputValue()).toBe("");
  await expect.poll(() => draftsIn(page)).toEqual([]);
});

test("what came too late says so until its writer goes on, and its words stay", async () => {
  const page = await open("marit@kestrel.example", `${world.path}?write=reopen`);
  const ada = await world.portal.as("ada@kestrel.example");
  const text = page.locator("#compose textarea");
  await text.fill("We open it again");
  // The click is already on its way when the colleague's answer comes.
  await page.route(/write=reopen/, async (route) => {
    if (route.request().method() === "POST") {
      await ada.post(world.path, { do: "reopen", text: "I open it" });
    }
    await route.continue();
  });
  await page.getByRole("button", { name: "Open again" }).click();
  const fault = page.locator("#compose [role=alert]");
  await fault.waitFor();
  const said = await fault.innerText();
  await somethingHappens(page);
  expect(await fault.innerText()).toBe(said);
  expect(await draftsIn(page)).toEqual(["We open it again"]);
  await expect.poll(() => page.locator("#compose textarea").inputValue()).toBe("We open it again");
});

test("a new key stays until its administrator leaves the page", async () => {
  const page = await open("ada@kestrel.example", "/finance/keys");
  await page.locator("input[name=name]").fill("Warehouse");
  await page.locator("select[name=role]").selectOption("auditor");
  await page.getByRole("button", { name: "Make key" }).click();
  const key = page.getByText(/^ipk_/);
  await key.waitFor();
  const shown = await key.innerText();
  await somethingHappens(page);
  expect(await key.innerText()).toBe(shown);
  await page.getByRole("link", { name: "People" }).click();
  await page.getByRole("heading", { name: "People" }).waitFor();
  await page.goBack();
  await page.getByRole("cell", { name: "Warehouse" }).first().waitFor();
  expect(await key.count()).toBe(0);
});

const answers = [
  {
    what: "a connection's test",
    at: "/finance/connections/erp",
    press: "Test the connection",
    says: /^(It answered|Nothing was called)/,
  },
  {
    what: "a replay that was tried",
    at: "/finance/deliveries/1",
    press: "Try a replay",
    says: "No difference: the ledger knows all of it.",
  },
  {
    what: "a person who was not added",
    at: "/finance/people",
    press: "Keep",
    fill: { name: "Ines", email: "buyer@acme.example" },
    says: /This person works for/,
  },
];

test.each(answers)("the answer about $what stays", async ({ at, press, fill = {}, says }) => {
  const page = await open("ada@kestrel.example", at);
  for (const [name, text] of Object.entries(fill)) {
    await page.locator(`main input[name=${name}]`).fill(text);
  }
  await page.locator("main").getByRole("button", { name: press }).click();
  const answer = page.locator("main").getByText(says).first();
  await answer.waitFor();
  await somethingHappens(page);
  expect(await answer.isVisible()).toBe(true);
  for (const [name, text] of Object.entries(fill)) {
    expect(await page.locator(`main input[name=${name}]`).inputValue()).toBe(text);
  }
});

test("a promise that was refused stays open with its fault while the supplier writes", async () => {
  const { portal } = world;
  const id = await portal.invoiceId("INV-1");
  const page = await open("buyer@acme.example", `/invoices/${id}`);
  await page.getByText("Promise a date").click();
  const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  await page.locator("input[name=promisedOn]").fill(day);
  const amount = page.locator("input[name=amount]");
  await amount.fill("1,5,0");
  await page.getByRole("button", { name: "Promise this date" }).click();
  await page.locator(".promise .field__error").first().waitFor();
  await record(portal.portal, {
    kind: "person",
    source: { kind: "user", user: "usr_marit" },
    person: { id: "usr_marit", name: "Marit", side: "supplier" },
    actions: [{ kind: "comment", invoiceId: id, text: "We look at it" }],
  });
  await page.getByText("We look at it").first().waitFor();
  expect(await page.locator(".promise .field__error").first().isVisible()).toBe(true);
  expect(await amount.inputValue()).toBe("1,5,0");
});

test("a dispute that was refused keeps its reason, its words and its draft", async () => {
  const { portal } = world;
  await portal.deliver(
    "erp",
    invoiceIssued("INV-7", {
      lines: [{ id: "1", description: "Anodizing", quantity: "10", unitPrice: "125.05" }],
    }),
  );
  await portal.settled();
  const id = await portal.invoiceId("INV-7");
  const page = await open("buyer@acme.example", `/invoices/${id}`);
  await page.getByRole("link", { name: "Dispute", exact: true }).click();
  const reason = page.locator("select[name=reason]");
  await reason.selectOption("price_incorrect");
  await page.getByLabel("An amount of it").check();
  await page.locator("input[name=amount]").fill("999999");
  const message = page.locator("textarea[name=message]");
  await message.fill("The quotation says 2.70");
  await page.getByRole("button", { name: "Open the dispute" }).click();
  const fault = page.locator("form.form .field__error").first();
  await fault.waitFor();
  await portal.deliver("erp", paymentReceived("INV-7", { id: "PAY-7", amount: "10.00" }));
  await portal.settled();
  await page.getByText("The invoice changed while this form was open.").waitFor();
  expect(await fault.isVisible()).toBe(true);
  expect(await reason.inputValue()).toBe("price_incorrect");
  expect(await message.inputValue()).toBe("The quotation says 2.70");
  expect(await draftsIn(page)).toEqual(["The quotation says 2.70"]);
});
