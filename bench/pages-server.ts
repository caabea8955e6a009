import { queueState } from "#db/queries/deliveries.ts";
import { findCustomer } from "#db/queries/customers.ts";
import { openSums } from "#db/queries/open-sums.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import { builtPages } from "#server/pages.ts";
import { startPortal } from "#server/start.ts";
import { benchConfig } from "./bench-config.ts";
import { email, fill, signIn } from "./pages-data.ts";

/**
 * The portal with pages, in a process of its own. Takes a data folder and how many invoices one customer
 * is to have, or 0 where the folder was filled before; prints its address and a session cookie as one
 * line of JSON. Answers the line `waiting` with the number of deliveries that wait, and `totals` with
 * the milliseconds that a customer's totals take.
 */
const [, , folder = ".", invoices = "1000"] = process.argv;
const { portal, url } = await startPortal({
  config: benchConfig(folder),
  pages: () => builtPages(),
});
if (Number(invoices) > 0) await fill(portal, Number(invoices));
console.log(JSON.stringify({ url, cookie: await signIn(portal, email) }));

const answers: Record<string, () => Promise<number>> = {
  waiting: async () => (await queueState(portal.db)).waiting,
  totals: totalsMs,
};
process.stdin.on("data", (line: Buffer) => {
  const answer = answers[line.toString().trim()] ?? answers["waiting"];
  answer?.().then((value) => console.log(value), console.error);
});

async function totalsMs(): Promise<number> {
  const member = await portal.db
    .selectFrom("member")
    .innerJoin("user", "user.id", "member.userId")
    .where("user.email", "=", email)
    .select("member.organizationId")
    .executeTakeFirstOrThrow();
  const customer = await findCustomer(portal.db, member.organizationId);
  const scope = new CustomerScope({
    ...{ customerId: member.organizationId, customerName: customer?.name ?? "" },
    ...{ userId: "bench", userName: "bench", role: "member" },
  });
  const start = performance.now();
  await openSums(portal.db, scope, "2026-11-20");
  return performance.now() - start;
}
