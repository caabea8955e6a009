import { queueState } from "#db/queries/deliveries.ts";
import { findCustomer } from "#db/queries/customers.ts";
import { openSums } from "#db/queries/open-sums.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import { customerPath } from "#domain/customer-path.ts";
import { builtPages } from "#server/http/pages.ts";
import { startPortal } from "#server/start.ts";
import { benchConfig } from "./bench-config.ts";
import { email, fill, signIn } from "./pages-data.ts";

/**
 * The portal with pages, in a process of its own. Takes a data folder and how many invoices one customer
 * is to have, or 0 where the folder was filled before; prints its address, the path of the
 * customer's list and a session cookie as one line of JSON. Answers the line `waiting` with the number of deliveries that wait, and `totals` with
 * the milliseconds that a customer's totals take.
 */
const [, , folder = ".", invoices = "1000"] = process.argv;
const { portal, url } = await startPortal({
  config: benchConfig(folder),
  pages: () => builtPages(),
});
if (Number(invoices) > 0) await fill(portal, Number(invoices));
const list = customerPath(await customerOfReader(), "/invoices");
console.log(JSON.stringify({ url, list, cookie: await signIn(portal, email) }));

const answers: Record<string, () => Promise<number>> = {
  waiting: async () => (await queueState(portal.db)).waiting,
  totals: totalsMs,
};
process.stdin.on("data", (line: Buffer) => {
  const answer = answers[line.toString().trim()] ?? answers["waiting"];
  answer?.().then((value) => console.log(value), console.error);
});

async function customerOfReader(): Promise<string> {
  const member = await portal.db
    .selectFrom("member")
    .innerJoin("user", "user.id", "member.userId")
    .where("user.email", "=", email)
    .select("member.organizationId")
    .executeTakeFirstOrThrow();
  return member.organizationId;
}

async function totalsMs(): Promise<number> {
  const customerId = await customerOfReader();
  const customer = await findCustomer(portal.db, customerId);
  const scope = new CustomerScope({
    ...{ customerId, customerName: customer?.name ?? "" },
    ...{ userId: "bench", userName: "bench", role: "member" },
  });
  const start = performance.now();
  await openSums(portal.db, scope, "2026-11-20");
  return performance.now() - start;
}
