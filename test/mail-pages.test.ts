import { expect, test } from "vitest";
import { stopUrl } from "#server/mail/unsubscribe.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

test("a mail program stops one kind of mail without signing in; opening the link stops nothing", async () => {
  await using portal = await startTestPortal();
  const userId = await portal.addStaff("jeroen@supplier.example");
  const url = stopUrl(portal.portal.config, { userId, kind: "finance_comments" });
  const stops = () =>
    portal.portal.db.selectFrom("mail_stops").select(["user_id", "kind"]).execute();
  const page = await fetch(url);
  expect(page.status).toBe(200);
  const text = await page.text();
  expect(text).toContain("Stop this kind of mail");
  // Whose mail it is: a forwarded mail has the link, too.
  expect(text).toContain("jeroen, Your supplier");
  expect(await stops()).toEqual([]);
  const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
  expect((await fetch(url, { method: "POST", body })).status).toBe(200);
  expect(await stops()).toEqual([{ user_id: userId, kind: "finance_comments" }]);
  expect((await fetch(url, { method: "POST", body })).status).toBe(200);
  const audits = (await portal.events(undefined, "audit.recorded")).map(({ data }) => data);
  expect(audits.filter((data) => "action" in data && data.action === "mail_stopped")).toHaveLength(
    1,
  );
  const again = new URLSearchParams({ do: "resume" });
  expect(await (await fetch(url, { method: "POST", body: again })).text()).toContain(
    "Stop this kind",
  );
  expect(await stops()).toEqual([]);
});

test("a changed stop link is nobody's", async () => {
  await using portal = await startTestPortal();
  const userId = await portal.addStaff("jeroen@supplier.example");
  const url = stopUrl(portal.portal.config, { userId, kind: "finance_comments" });
  for (const wrong of [`${url}x`, url.replace("/u/", "/u/A"), `${portal.url}/u/nonsense`]) {
    expect((await fetch(wrong)).status).toBe(404);
    expect((await fetch(wrong, { method: "POST", body: new URLSearchParams() })).status).toBe(404);
  }
});

test("a sign-in mail is caught within moments and can be looked at", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("jeroen@supplier.example");
  const { auth } = portal.portal;
  await auth.askForLink({
    email: "jeroen@supplier.example",
    peer: "127.0.0.1",
    to: "/",
  });
  const caught = () => fetch(`${portal.url}/dev/mail`).then((answer) => answer.text());
  await expect.poll(caught, { timeout: 10_000 }).toContain("jeroen@supplier.example");
  const [, path = ""] = /href="(\/dev\/mail\/\d+)"/.exec(await caught()) ?? [];
  const page = await (await fetch(portal.url + path)).text();
  expect(page).toContain("/sign-in/confirm?token=");
  expect(page).toMatch(/<iframe[^>]* sandbox="allow-popups/);
  expect((await fetch(`${portal.url}/dev/mail/999`)).status).toBe(404);
});

test("in production there is no page of caught mail", async () => {
  const environment = { NODE_ENV: "production", PUBLIC_URL: "https://portal.example" };
  await using portal = await startTestPortal({ environment });
  const { port } = portal.portal.config;
  expect((await fetch(`http://127.0.0.1:${port}/dev/mail`)).status).toBe(404);
});
