import { expect, test } from "vitest";
import { listKeys } from "#server/access/api-keys.ts";
import { call } from "./support/api.ts";
import { disputed } from "./support/disputed.ts";
import type { TestPortal } from "./support/start-portal.ts";

const made = /ipk_[\w-]{43}/;

/** Makes a key in the console as an administrator. */
async function makeKey(portal: TestPortal, email: string, form: Record<string, string>) {
  const person = await portal.as(email);
  const answer = await person.post("/finance/keys", { do: "create", ...form });
  const [key = ""] = made.exec(await answer.text()) ?? [];
  const [newest] = (await listKeys(portal.portal)).filter(({ name }) => name === form["name"]);
  return { key, id: newest?.id ?? "" };
}

const userOf = async ({ portal: { db } }: TestPortal, email: string) =>
  (await db.selectFrom("user").where("email", "=", email).select("id").executeTakeFirstOrThrow())
    .id;

test("who ends a person's role sees the keys that they made, and revokes those that are ticked", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const leaver = "lena@kestrel.example";
  await portal.addStaff(leaver, "administrator");
  const desk = await makeKey(portal, leaver, { name: "Dispute desk", role: "finance" });
  const store = await makeKey(portal, leaver, { name: "Warehouse", role: "auditor" });
  const own = await makeKey(portal, "ada@kestrel.example", { name: "Own", role: "auditor" });
  const ada = await portal.as("ada@kestrel.example");
  const keys = await ada.page("/finance/keys");
  expect(keys.match(/by lena</g)).toHaveLength(2);
  expect(keys.match(/by ada</g)).toHaveLength(1);
  const people = await ada.page("/finance/people");
  const ticks = [...people.matchAll(/name="keys"[^>]*value="(key_\w+)"/g)].map(([, id]) => id);
  expect(ticks).toHaveLength(2);
  expect(new Set(ticks)).toEqual(new Set([desk.id, store.id]));

  const user = await userOf(portal, leaver);
  const foreign = await ada.post("/finance/people", { do: "end", user, keys: own.id });
  expect(foreign.status).toBe(404);
  expect(await ada.page("/finance/people")).toContain(leaver);
  const ended = await ada.post("/finance/people", { do: "end", user, keys: desk.id });
  expect(ended.status).toBe(302);
  expect((await call(portal, desk.key, "invoices")).status).toBe(401);
  expect((await call(portal, store.key, "invoices")).status).toBe(200);
  expect((await call(portal, own.key, "invoices")).status).toBe(200);
  expect(await ada.page("/finance/keys")).toContain("by lena, who has no role any more");
  const told = (await portal.events(undefined, "audit.recorded")).flatMap(({ data }) =>
    "action" in data ? [`${data.action} ${data.subject}`] : [],
  );
  expect(told).toContain(`api_key_revoked ${desk.id}`);
  expect(told).toContain(`staff_ended ${user}`);
});

test("a program writes as its owner's system, whatever its key is called", async () => {
  const { portal, customer } = await disputed();
  await using _ = portal;
  const form = { name: "Fin", role: "finance" };
  const { key } = await makeKey(portal, "ada@kestrel.example", form);
  const theirs = { name: "Jeroen Bakker", role: "customer", customer };
  const { key: customerKey } = await makeKey(portal, "ada@kestrel.example", theirs);
  const { body } = await call(portal, key, "disputes");
  const words = { method: "PATCH", body: { message: "We look at it" } };
  expect((await call(portal, key, `disputes/${body.data[0].id}`, words)).status).toBe(200);
  const answer = { method: "PATCH", body: { message: "Thank you" } };
  expect((await call(portal, customerKey, `disputes/${body.data[0].id}`, answer)).status).toBe(200);
  await portal.settled();
  const buyer = await portal.as("buyer@acme.example");
  const page = (await buyer.page("/disputes/D-INV-1-01")).replaceAll("&#x27;", "'");
  expect(page).toContain("Your supplier's system (Fin)");
  expect(page).toContain("Acme Tooling's system (Jeroen Bakker)");
  expect(page).not.toMatch(/>\s*(Fin|Jeroen Bakker)\s*</);
});
