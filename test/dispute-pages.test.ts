import { expect, test } from "vitest";
import { record } from "#server/ledger/record.ts";
import { disputed } from "./support/disputed.ts";
import { invoiceIssued } from "./support/standard-event.ts";

test("every dispute is on one page of the customer's list, those that wait for them first", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  const numbers = Array.from({ length: 60 }, (_each, index) => `INV-${index + 2}`);
  for (const number of numbers) await portal.deliver("erp", invoiceIssued(number));
  await portal.settled();
  for (const number of numbers) {
    const invoiceId = await portal.invoiceId(number);
    await record(portal.portal, {
      kind: "person",
      source: { kind: "user", user: "usr_buyer" },
      person: { id: "usr_buyer", name: "Ines de Wolf", side: "customer" },
      actions: [
        {
          kind: "open_dispute",
          invoiceId,
          reason: "other",
          amount: 1000,
          lines: [],
          message: "It came twice",
        },
      ],
    });
  }
  // The oldest of all, and the only one that waits.
  const marit = await portal.as("marit@kestrel.example");
  await marit.post(path, { do: "ask", text: "Which quotation?" });

  const buyer = await portal.as("buyer@acme.example");
  const listed: string[] = [];
  const sizes: number[] = [];
  for (let address: string | undefined = "/disputes"; address !== undefined;) {
    const html = await buyer.page(address);
    const table = /<tbody>.*<\/tbody>/s.exec(html)?.[0] ?? "";
    const found = [...table.matchAll(/href="[^"]*\/disputes\/D-(INV-\d+)-01"/g)].map(
      ([, it]) => it,
    );
    listed.push(...found.filter((it) => it !== undefined));
    sizes.push(found.length);
    address = /<a[^>]*rel="next"[^>]*>/
      .exec(html)?.[0]
      .match(/href="([^"]+)"/)?.[1]
      ?.replaceAll("&amp;", "&");
  }
  expect(sizes).toEqual([50, 11]);
  expect(listed).toEqual(["INV-1", ...numbers.toReversed()]);
  expect(await buyer.page("/disputes?after=nonsense")).toContain("D-INV-1-01");
});

test("a dispute's page opens whatever signs the invoice's number has", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const buyer = await portal.as("buyer@acme.example");
  for (const number of ["INV/2026/1", "INV%2F2", "100% %2F/3"]) {
    await portal.deliver("erp", invoiceIssued(number));
    await portal.settled();
    await record(portal.portal, {
      kind: "person",
      source: { kind: "user", user: "usr_buyer" },
      person: { id: "usr_buyer", name: "Ines de Wolf", side: "customer" },
      actions: [
        {
          ...{ kind: "open_dispute", invoiceId: await portal.invoiceId(number), reason: "other" },
          ...{ amount: 1000, lines: [], message: `About ${number}` },
        },
      ],
    });
    const page = await buyer.page(`/disputes/${encodeURIComponent(`D-${number}-01`)}`);
    expect(page).toContain(`About ${number}`);
  }
});
