import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "#test/support/browser.ts";
import { type FormWorld, openFormWorld } from "#test/support/form-world.ts";
import { formsOfSource } from "#test/support/forms-of-source.ts";
import { webhookSecret } from "#test/support/start-portal.ts";

let world: FormWorld;
let browser: Browser;

beforeAll(async () => {
  world = await openFormWorld();
  browser = await launchBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  await world.portal[Symbol.asyncDispose]();
});

/** Cleo's sessions are ended; those of Ines and Ada are needed to bring about what other forms need. */
const addresses = {
  ines: "ines@acme.example",
  ada: "ada@kestrel.example",
  cleo: "cleo@kestrel.example",
};

type Who = keyof typeof addresses | "nobody";

interface Press {
  as: Who;
  /** Brings about what the form needs; gives its page. */
  at: () => Promise<string> | string;
  button: string | RegExp;
  /** What unfolds it. */
  unfold?: string | RegExp;
  /** What to write into fields, by their names, e.g. one that may stay empty elsewhere. */
  fields?: Record<string, string> | (() => Record<string, string>);
}

type More = Omit<Press, "as" | "at" | "button">;

const by =
  (as: Who) =>
  (at: Press["at"], button: Press["button"], more: More = {}): Press => ({
    ...{ as, at, button },
    ...more,
  });
const [ines, ada, cleo, nobody] = [by("ines"), by("ada"), by("cleo"), by("nobody")];

/** How to press each form that posts, by the file that holds it. Who adds a form adds how it is pressed here. */
const presses: Record<string, Press[]> = {
  "disputes/case-side.tsx": [
    ada(async () => `/finance/disputes/${await world.disputeId()}`, "Take this dispute"),
    ada(async () => `/finance/disputes/${await world.takenDispute()}`, /Take it from/, {
      unfold: "Take it over",
    }),
  ],
  "audit/checkpoints.tsx": [ada(() => "/finance/audit", "Make a checkpoint now")],
  "disputes/compose.tsx": [
    ada(async () => `/finance/disputes/${await world.disputeId()}`, "Send reply", {
      fields: { text: "We look at it" },
    }),
  ],
  "frame/customer-frame.tsx": [ines(() => "/settings", "Sign out", { unfold: /Acme/ })],
  "deliveries/delivery-parts.tsx": [
    ada(async () => `/finance/deliveries/${await world.deliveryId()}`, "Try a replay"),
  ],
  "deliveries/dismiss.tsx": [
    ada(async () => `/finance/deliveries/${await world.deadDelivery()}`, "Dismiss"),
  ],
  "disputes/dispute-form.tsx": [
    ines(async () => `/invoices/${await world.invoice()}/dispute`, "Open the dispute"),
  ],
  "audit/ledger-verdict.tsx": [ada(() => "/finance/audit", "Verify the ledger")],
  "connections/organisations.tsx": [
    ada(async () => `/finance/connections/${await world.organisation()}`, "Remove it", {
      unfold: "Remove this organisation",
    }),
  ],
  "people/preferences-form.tsx": [ines(() => "/settings", "Save")],
  "invoices/promise-form.tsx": [
    ines(async () => `/invoices/${await world.invoice()}`, "Promise this date", {
      unfold: /Promise a date/,
    }),
    ines(promised, "Take the promise back"),
  ],
  "outbox/refusing-addresses.tsx": [
    ada(suppressed, "Try everything again"),
    ada(suppressed, "Release"),
  ],
  "connections/rejections.tsx": [
    ada(async () => `/finance/connections/${await world.rejected()}`, /^Dismiss/),
  ],
  "people/sessions.tsx": [cleo(() => "/finance/settings", "Sign out everywhere")],
  "disputes/talk.tsx": [
    ines(async () => `/invoices/${await world.invoice()}`, "Send"),
    ines(async () => `/invoices/${await world.disputed()}`, "Send"),
  ],
  "routes/c.$customer.disputes.$number.tsx": [
    ines(async () => `/disputes/D-${await world.disputed()}-01`, "Withdraw it now", {
      unfold: "Withdraw the dispute",
    }),
  ],
  "routes/c.$customer.settings.tsx": [
    ines(() => "/settings", "Send the invitation"),
    ines(() => "/settings", "Sign out"),
  ],
  "routes/choose-customer.tsx": [ines(() => "/choose-customer", "Sign out")],
  "routes/demo.sign-in.$who.tsx": [nobody(() => "/demo/sign-in/customer", "Sign in as Ines")],
  "routes/finance.audit.tsx": [ada(() => "/finance/audit", "Export CSV")],
  "routes/finance.connections_.$id.tsx": [
    ada(async () => `/finance/connections/${await world.connection()}`, "Test the connection"),
    ada(async () => `/finance/connections/${await world.connection()}`, "Pause it", {
      unfold: "Pause",
    }),
    ada(async () => `/finance/connections/${await world.pausedConnection()}`, "Resume"),
    ada(async () => `/finance/connections/${await world.connection()}`, "Keep these settings"),
  ],
  "routes/finance.connections_.new.tsx": [
    ada(() => "/finance/connections/new?system=standard-webhooks", "Add Standard Webhooks", {
      fields: () => ({ id: world.unused(), "secrets.webhookSecret": webhookSecret }),
    }),
  ],
  "routes/finance.customers.tsx": [ada(() => "/finance/customers", "Create customer")],
  "routes/finance.customers_.$id.tsx": [
    ada(beside, "Unlink it", { unfold: "Unlink" }),
    ada(beside, "Remove them", { unfold: "Remove" }),
    ada(async () => `/finance/customers/${await world.invitedBeside()}`, "Revoke it", {
      unfold: "Revoke",
    }),
    ada(unlinked, "Link", { fields: () => ({ recordName: world.latestRecord() }) }),
    ada(beside, "Send invitation"),
  ],
  "routes/finance.deliveries_.unmatched.tsx": [
    ada(unmatched, "Record with it", { fields: { invoice: "KA-0" } }),
    ada(unmatched, "Give it up", { unfold: "Give up" }),
  ],
  "routes/finance.keys.tsx": [
    ada(() => "/finance/keys", "Make key"),
    ada(keys, "Revoke the key", { unfold: "Revoke" }),
  ],
  "routes/finance.notices.tsx": [ada(notices, "Done")],
  "routes/finance.outbox.tsx": [ada(outbox, "Retry")],
  "routes/finance.outbox_.$id.tsx": [
    ada(async () => `/finance/outbox/${await world.outboxRow(false)}`, "Send now"),
    ada(async () => `/finance/outbox/${await world.outboxRow(true)}`, "Retry"),
    ada(async () => `/finance/outbox/${await world.outboxRow(true)}`, "Skip this row"),
  ],
  "routes/finance.people.tsx": [
    ada(() => "/finance/people", "Keep"),
    ada(people, "End their role", { unfold: "End" }),
  ],
  "routes/finance.records.tsx": [
    ada(records, "Link", { fields: { customerName: "Acme Tooling" } }),
  ],
  "routes/finance.supplier.tsx": [ada(() => "/finance/supplier", "Save")],
  "routes/finance.tsx": [ada(() => "/finance/disputes", "Sign out")],
  "routes/invitation.$id.tsx": [
    nobody(async () => `/invitation/${await world.invitation()}`, /Send the sign-in link/),
    ines(async () => `/invitation/${await world.ownInvitation()}`, "Accept the invitation"),
  ],
  "routes/sign-in.tsx": [nobody(() => "/sign-in", "Send me a link")],
  "routes/sign-in_.confirm.tsx": [nobody(() => world.signInLink(), "Sign in")],
  "routes/u.$token.tsx": [nobody(() => world.stopLink(), "Stop this kind of mail")],
};

async function promised(): Promise<string> {
  const path = `/invoices/${await world.invoice()}`;
  await world.ines.post(path, { do: "promise", promisedOn: tomorrow(), amount: "" });
  return path;
}

async function suppressed(): Promise<string> {
  await world.suppressed();
  return "/finance/mail";
}

async function beside(): Promise<string> {
  return `/finance/customers/${await world.customerBeside()}`;
}

async function unlinked(): Promise<string> {
  await world.record();
  return `/finance/customers/${world.customer}`;
}

async function unmatched(): Promise<string> {
  await world.unmatched();
  return "/finance/deliveries/unmatched";
}

async function keys(): Promise<string> {
  await world.key();
  return "/finance/keys";
}

async function notices(): Promise<string> {
  await world.notice();
  return "/finance/notices";
}

async function outbox(): Promise<string> {
  await world.outboxRow(true);
  return "/finance/outbox";
}

async function people(): Promise<string> {
  await world.staff();
  return "/finance/people";
}

async function records(): Promise<string> {
  await world.record();
  return "/finance/records";
}

function tomorrow(): string {
  return new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
}

test("every form that posts has an entry here", async () => {
  const pressed = Object.entries(presses).map(([file, all]) => [file, all.length]);
  expect(Object.fromEntries(pressed)).toEqual(await formsOfSource());
});

/** Browsers in which a page's scripts never run: switched off, or still on their way. */
const cold = {
  "without JavaScript": () => browser.newContext({ javaScriptEnabled: false }),
  "before its scripts are there": async () => {
    const context = await browser.newContext();
    await context.route("**/*.js", () => new Promise(() => undefined));
    return context;
  },
};

describe.each(Object.entries(cold))("%s", (_how, open) => {
  const pages = new Map<Who, Page>();

  afterAll(async () => {
    for (const page of pages.values()) await page.context().close();
  });

  /** One page each; whoever signed out, or never was, gets a session. */
  async function pageOf(as: Who): Promise<Page> {
    const page = pages.get(as) ?? (await (await open()).newPage());
    page.setDefaultTimeout(10_000);
    if (as === "nobody") await page.context().clearCookies();
    else if (!pages.has(as) || new URL(page.url()).pathname === "/sign-in") await signIn(page, as);
    pages.set(as, page);
    return page;
  }

  test.each(Object.entries(presses))("%s", { timeout: 60_000 }, async (_file, all) => {
    for (const press of all) await pressIn(await pageOf(press.as), press);
  });
});

async function signIn(page: Page, as: keyof typeof addresses): Promise<void> {
  const { cookie } = await world.portal.as(addresses[as]);
  const cookies = cookie.split("; ").map((each) => {
    const [name = "", value = ""] = each.split(/=(.*)/s);
    return { name, value, url: world.portal.url };
  });
  await page.context().addCookies(cookies);
}

async function pressIn(page: Page, { at, button, unfold, fields = {} }: Press): Promise<void> {
  const path = await at();
  await page.goto(world.ines.at(path), { waitUntil: "commit" });
  if (unfold !== undefined) await unfolding(page, unfold).click();
  const pressed = page.getByRole("button", { name: button, exact: true }).first();
  await pressed.waitFor();
  await fill(
    page.locator("form").filter({ has: pressed }).first(),
    typeof fields === "function" ? fields() : fields,
  );
  const answered = page.waitForResponse((one) => one.request().method() === "POST");
  await pressed.click();
  const answer = await answered;
  const told = `${path}, ${String(button)}: ${answer.status()}`;
  // A file is saved beside the page, which stays.
  if (answer.headers()["content-disposition"] !== undefined) return;
  const words = page.locator("h1").first();
  await words.waitFor();
  const text = await page.locator("body").innerText();
  expect(text, told).not.toMatch(/did not come from a page|Something went wrong/);
  expect([200, 302, 303], `${told}\n${text}`).toContain(answer.status());
  expect((await words.innerText()).trim(), told).not.toBe("");
}

function unfolding(page: Page, label: string | RegExp): Locator {
  const exact = typeof label === "string" ? new RegExp(`^${label}$`) : label;
  return page.locator("summary", { hasText: exact }).first();
}

/** Writes something into each empty field that must not stay so, and what is given. */
async function fill(form: Locator, fields: Record<string, string>): Promise<void> {
  for (const field of await form.locator("[required], select").all()) {
    const tag = await field.evaluate((element) => element.tagName);
    const type = await field.getAttribute("type");
    if (tag === "SELECT") await field.selectOption({ index: 1 });
    else if (type === "checkbox" || type === "radio" || (await field.inputValue()) !== "") continue;
    else if (type === "email") await field.fill(`new-${Date.now()}@acme.example`);
    else if (type === "date") await field.fill(tomorrow());
    else await field.fill("More words");
  }
  for (const [name, value] of Object.entries(fields)) {
    await form.locator(`[name="${name}"]`).fill(value);
  }
}
