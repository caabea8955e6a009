import { expect, test } from "vitest";
import { createKey, revokeKey } from "#server/access/api-keys.ts";
import { call, keyOf, source, twoCustomers } from "#test/support/api.ts";
import { invoiceIssued, paymentReceived } from "#test/support/standard-event.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

test("without a valid key everything is refused as a problem, and bad keys are rate limited", async () => {
  await using portal = await startTestPortal();
  const answer = await fetch(`${portal.url}/api/v1/invoices`);
  expect(answer.status).toBe(401);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  expect(await answer.json()).toMatchObject({ type: "about:blank", status: 401 });
  const bad = () => call(portal, `ipk_${"A".repeat(43)}`, "invoices");
  for (let times = 0; times < 20; times++) expect((await bad()).status).toBe(401);
  const refused = await bad();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  // Others behind the same address are not held up.
  expect((await call(portal, await keyOf(portal, "auditor"), "invoices")).status).toBe(200);
});

test("a revoked key is refused at once, a key is stored as its hash alone", async () => {
  await using portal = await startTestPortal();
  const made = await createKey(portal.portal, source, { name: "n", role: "finance", customer: "" });
  expect(made.key).toMatch(/^ipk_[\w-]{43}$/);
  expect((await call(portal, made.key, "invoices")).status).toBe(200);
  const rows = await portal.portal.db.selectFrom("api_keys").selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(made.key);
  expect(rows[0]?.last_used_at).not.toBeNull();
  await revokeKey(portal.portal, source, made.id);
  expect((await call(portal, made.key, "invoices")).status).toBe(401);
  const audited = await portal.events(undefined, "audit.recorded");
  const actions = audited.map((event) => "action" in event.data && event.data.action);
  expect(actions).toEqual(expect.arrayContaining(["api_key_created", "api_key_revoked"]));
});

test("an invoice has the published shape, amounts in minor units", async () => {
  const { portal, acme } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "auditor");
  const { body } = await call(portal, key, "invoices?number=inv-1");
  expect(body.data).toHaveLength(1);
  const { updatedAt, id, ...invoice } = body.data[0];
  expect(updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(invoice).toEqual({
    number: "INV-1",
    externalId: "ext-INV-1",
    connection: "erp",
    customer: { id: acme, name: "Acme Tooling" },
    status: "open",
    dispute: "none",
    currency: "EUR",
    total: 125050,
    paid: 0,
    credited: 0,
    otherwise: 0,
    due: 125050,
    issuedOn: "2026-11-02",
    dueOn: "2026-12-02",
  });
  expect((await call(portal, key, `invoices/${id}`)).body.number).toBe("INV-1");
});

test("filters narrow the list, and a wrong one is named", async () => {
  const { portal, bright } = await twoCustomers();
  await using _ = portal;
  await portal.deliver("erp", paymentReceived("INV-2", { id: "P-1", amount: "250.50" }));
  await portal.settled();
  const key = await keyOf(portal, "finance");
  const numbers = async (query: string) => {
    const { body } = await call(portal, key, `invoices?${query}`);
    return body.data.map((invoice: { number: string }) => invoice.number);
  };
  expect(await numbers(`customer=${bright}`)).toEqual(["INV-2"]);
  expect(await numbers("status=partially_paid")).toEqual(["INV-2"]);
  expect(await numbers("externalId=ext-INV-1")).toEqual(["INV-1"]);
  expect(await numbers("connection=erp")).toHaveLength(2);
  expect(await numbers("connection=none")).toEqual([]);
  expect(await numbers("dispute=open")).toEqual([]);
  expect(await numbers("updatedSince=2999-01-01T00:00:00Z")).toEqual([]);
  expect(await numbers("updatedSince=2020-01-01T00:00:00%2B01:00")).toHaveLength(2);
  const wrong = await call(portal, key, "invoices?status=nice");
  expect(wrong).toMatchObject({ status: 400, type: "application/problem+json" });
  expect(wrong.body.errors[0].field).toBe("status");
});

test("pages follow each other without a gap or a double, also while invoices change", async () => {
  await using portal = await startTestPortal();
  for (let number = 1; number <= 25; number++) {
    await portal.deliver("erp", invoiceIssued(`INV-${number}`));
  }
  await portal.settled();
  const key = await keyOf(portal, "finance");
  const seen: string[] = [];
  let next: string | null = "";
  for (let pages = 0; next !== null; pages++) {
    const { body } = await call(portal, key, `invoices?limit=4${next && `&after=${next}`}`);
    seen.push(...body.data.map((invoice: { number: string }) => invoice.number));
    next = body.next;
    if (pages !== 2) continue;
    await portal.deliver("erp", paymentReceived("INV-1", { id: "P-9", amount: "1.00" }));
    await portal.settled();
  }
  const changed = seen.filter((number) => number === "INV-1");
  expect(changed).toHaveLength(2);
  expect(new Set(seen).size).toBe(25);
  expect(seen).toHaveLength(26);
  expect((await call(portal, key, "invoices?after=x")).status).toBe(400);
});

test("every list can be read to its end by its own cursors, and gives each row once", async () => {
  const { portal } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "finance");
  for (const number of ["INV-1", "INV-2"]) {
    const path = `invoices/${await portal.invoiceId(number)}/disputes`;
    await call(portal, key, path, { method: "POST", body: { reason: "other", message: "Why?" } });
  }
  await portal.deliver("erp", paymentReceived("INV-1", { id: "P-1", amount: "1.00" }));
  await portal.settled();
  for (const list of ["invoices", "disputes", "deliveries", "outbox", "ledger"]) {
    const idsOf = async (limit: number) => {
      const ids: unknown[] = [];
      for (let after: string | null = ""; after !== null;) {
        const cursor = after && `&after=${encodeURIComponent(after)}`;
        const { status, body } = await call(portal, key, `${list}?limit=${limit}${cursor}`);
        expect(status, `${list} after ${after}`).toBe(200);
        ids.push(
          ...body.data.map((row: { id?: string; sequence?: number }) => row.id ?? row.sequence),
        );
        after = body.next;
      }
      return ids;
    };
    const whole = await idsOf(200);
    expect(whole.length, list).toBeGreaterThan(1);
    expect(await idsOf(1), list).toEqual(whole);
  }
});

test("the whole ledger can be read page by page, in its order", async () => {
  const { portal } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "auditor");
  const sequences: number[] = [];
  let after: string | null = "0";
  while (after !== null) {
    const { body } = await call(portal, key, `ledger?limit=2&after=${after}`);
    sequences.push(...body.data.map((event: { sequence: number }) => event.sequence));
    after = body.next;
  }
  const all = (await portal.events()).map((event) => event.sequence);
  expect(sequences).toEqual(all);
  expect(sequences).toEqual(all.map((_, index) => index + 1));
});

test("a customer's key meets 404 for everything that is not its own", async () => {
  const { portal, acme } = await twoCustomers();
  await using _ = portal;
  const supplier = await keyOf(portal, "finance");
  const key = await keyOf(portal, "customer", acme);
  const own = await portal.invoiceId("INV-1");
  const foreign = await portal.invoiceId("INV-2");
  const post = { method: "POST", body: { reason: "duplicate", message: "Twice" } };
  const made = await call(portal, supplier, `invoices/${foreign}/disputes`, post);
  expect(made.status).toBe(201);
  const patch = { method: "PATCH", body: { message: "hello" } };
  const hidden = [
    await call(portal, key, `invoices/${foreign}`),
    await call(portal, key, `invoices/${foreign}/events`),
    await call(portal, key, `invoices/${foreign}/disputes`),
    await call(portal, key, `invoices/${foreign}/disputes`, post),
    await call(portal, key, `disputes/${made.body.id}`),
    await call(portal, key, `disputes/${made.body.id}`, patch),
    await call(portal, key, "deliveries"),
    await call(portal, key, "outbox"),
    await call(portal, key, "nothing"),
  ];
  expect(hidden.map(({ status }) => status)).toEqual(hidden.map(() => 404));
  const { body: invoices } = await call(portal, key, "invoices");
  expect(invoices.data.map(({ id }: { id: string }) => id)).toEqual([own]);
  expect((await call(portal, key, `invoices?customer=someone`)).body.data).toEqual([]);
  expect((await call(portal, key, "disputes")).body.data).toEqual([]);
  const { body: ledger } = await call(portal, key, "ledger");
  expect(ledger.data.length).toBeGreaterThan(0);
  expect(JSON.stringify(ledger)).not.toContain("Bright");
  for (const event of ledger.data) expect(event.audience).toBe("customer");
  const { body: events } = await call(portal, key, `invoices/${own}/events`);
  expect(events.data[0]).toMatchObject({ type: "invoice.issued", invoiceId: own });
});

test("a customer's program disputes an invoice as itself and takes it back", async () => {
  const { portal, acme } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "customer", acme);
  const id = await portal.invoiceId("INV-1");
  const wrong = await call(portal, key, `invoices/${id}/disputes`, {
    method: "POST",
    body: { reason: "bad_mood", message: "" },
  });
  expect(wrong.status).toBe(422);
  expect(wrong.body.errors.map(({ field }: { field: string }) => field)).toEqual([
    "reason",
    "message",
  ]);
  const opened = await call(portal, key, `invoices/${id}/disputes`, {
    method: "POST",
    body: { reason: "price_incorrect", amount: 5000, message: "The old price list" },
  });
  expect(opened.status).toBe(201);
  expect(opened.body).toMatchObject({
    state: "open",
    amount: 5000,
    whole: false,
    number: "D-INV-1-01",
  });
  expect(opened.headers.get("location")).toBe(`/api/v1/disputes/${opened.body.id}`);
  expect(opened.body).not.toHaveProperty("processor");
  const [event] = await portal.events("INV-1", "dispute.opened");
  expect(event?.data).toMatchObject({
    author: "Acme Tooling's system (customer program)",
    side: "customer",
  });
  expect((await call(portal, key, "invoices?dispute=open")).body.data).toHaveLength(1);
  const path = `disputes/${opened.body.id}`;
  const resolve = { method: "PATCH", body: { state: "resolved", creditedAmount: 5000 } };
  expect((await call(portal, key, path, resolve)).status).toBe(403);
  const withdraw = { method: "PATCH", body: { state: "withdrawn", message: "Our mistake" } };
  expect((await call(portal, key, path, withdraw)).body.state).toBe("withdrawn");
});

test("an auditor's key reads everything and changes nothing", async () => {
  const { portal } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "auditor");
  for (const path of ["invoices", "disputes", "deliveries", "outbox", "ledger"]) {
    expect((await call(portal, key, path)).status).toBe(200);
  }
  const id = await portal.invoiceId("INV-1");
  const post = { method: "POST", body: { reason: "other", message: "Hm" } };
  expect((await call(portal, key, `invoices/${id}/disputes`, post)).status).toBe(403);
  expect((await call(portal, key, "invoices", post)).status).toBe(405);
});

test("finance resolves a dispute by its key, within what is disputed", async () => {
  const { portal } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "finance");
  const id = await portal.invoiceId("INV-1");
  const post = { method: "POST", body: { reason: "other", amount: 100, message: "Hm" } };
  const { body: dispute } = await call(portal, key, `invoices/${id}/disputes`, post);
  const patch = (body: unknown) =>
    call(portal, key, `disputes/${dispute.id}`, { method: "PATCH", body });
  expect((await patch({})).status).toBe(422);
  expect((await patch({ state: "resolved" })).body.errors[0].field).toBe("creditedAmount");
  const tooMuch = await patch({ state: "resolved", creditedAmount: 101 });
  expect(tooMuch).toMatchObject({ status: 422, body: { errors: [{ field: "creditedAmount" }] } });
  expect((await patch({ state: "rejected" })).body.errors[0].field).toBe("message");
  expect((await patch({ state: "under_review" })).body.processor).toBe(
    "Your supplier's system (finance program)",
  );
  const done = await patch({ state: "resolved", creditedAmount: 80, message: "You are right" });
  expect(done.body).toMatchObject({
    state: "resolved",
    creditedAmount: 80,
    answer: "You are right",
  });
  expect((await patch({ state: "rejected", message: "no" })).status).toBe(409);
});
