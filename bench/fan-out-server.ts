import { startPortal } from "#server/start.ts";
import { benchConfig } from "./bench-config.ts";
import { addReader, recordInvoices, signIn } from "./pages-data.ts";

/**
 * The portal with customers who have a few invoices each, in a process of its own. Takes a data folder
 * and how many customers; prints its address and the id and a cookie of each as one line of JSON. Each line on
 * stdin is a number of events that it tells of, one customer after the other, as after their commit.
 */
const [, , folder = ".", given = "50"] = process.argv;
const customers = Number(given);
const invoicesEach = 20;
const batch = 64;
const noPages = {
  files: (_incoming: unknown, _outgoing: unknown, next: () => void) => next(),
  handle: async () => new Response(null, { status: 404 }),
  close: async () => {},
};
const { portal, url } = await startPortal({
  config: benchConfig(folder),
  pages: async () => noPages,
});
const to = customers * invoicesEach;
await recordInvoices(portal, { from: 0, to, ofCustomer: (index) => index % customers });
const readers: { cookie: string; customer: string; person: string }[] = [];
for (let customer = 0; customer < customers; customer++) {
  const address = `buyer-${customer}@bench.example`;
  const { id, person } = await addReader(portal, { customer, address });
  const cookie = await signIn(portal, address, `10.0.0.${customer}`);
  readers.push({ cookie, customer: id, person });
}
const ids = await portal.db.selectFrom("invoices").select("id").orderBy("number").execute();
console.log(JSON.stringify({ url, readers }));

process.stdin.on("data", (line: Buffer) => {
  tell(Number(line.toString()));
});

function tell(events: number): void {
  const recordedAt = new Date().toISOString();
  let told = 0;
  const next = () => {
    const from = told;
    told = Math.min(told + batch, events);
    portal.committed.publish(
      Array.from({ length: told - from }, (_, index) => ({
        sequence: from + index,
        type: "invoice.updated" as const,
        chain: "",
        invoice: ids[(from + index) % ids.length]?.id ?? null,
        audience: "customer" as const,
        recordedAt,
      })),
    );
    if (told < events) setImmediate(next);
  };
  next();
}
