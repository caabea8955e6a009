import { expect, test, vi } from "vitest";
import { launchBrowser, signedIn } from "#test/support/browser.ts";
import { disputed } from "#test/support/disputed.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

/** A browser takes a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

test("the list of disputes shows at once what finance does, and counts what is new", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  await portal.deliver("erp", invoiceIssued("INV-2"));
  await portal.settled();
  const buyer = await portal.as("buyer@acme.example");
  const marit = await portal.as("marit@kestrel.example");
  const browser = await launchBrowser();
  try {
    const pages = await signedIn(browser, { url: portal.url, cookie: buyer.cookie });
    const list = await pages.newPage();
    await list.goto(`${portal.url}/disputes`);
    const closed = await pages.newPage();
    await closed.goto(`${portal.url}/disputes?view=closed`);
    await closed.getByText("No dispute was closed yet").waitFor();
    for (const page of [list, closed]) await page.getByText(/^Live, /).waitFor();

    await marit.post(path, { do: "ask", text: "Which quotation?" });
    const row = list.getByRole("row").filter({ hasText: "INV-1" });
    await row.getByText("Waiting for you").waitFor();
    await list.getByText("1 is open, 1 waits for your answer.").waitFor();

    const dispute = { reason: "other", part: "whole", message: "It came twice" };
    await buyer.post(`/invoices/${await portal.invoiceId("INV-2")}/dispute`, dispute);
    await list.getByText("1 new dispute since you opened this list").waitFor();
    expect(await list.getByRole("row").filter({ hasText: "INV-2" }).count()).toBe(0);
    await list
      .getByRole("link", { name: /^Disputes\s*2$/ })
      .first()
      .waitFor();

    const words = { text: "You are right", rootCause: "Old list" };
    const resolved = await marit.post(path, { do: "resolve", credit: "150,00", ...words });
    expect(resolved.status).toBe(302);
    await row.getByText("Resolved").waitFor();
    expect(await row.innerText()).toContain("was Open");
    // One was opened and one closed since: the count beside the word is as it was.
    await list
      .getByRole("link", { name: /^Disputes\s*1$/ })
      .first()
      .waitFor();
    await closed.getByRole("row").filter({ hasText: "INV-1" }).waitFor();
    await list.getByRole("link", { name: "Sort again" }).click();
    await list.getByRole("row").filter({ hasText: "INV-2" }).waitFor();
    expect(await row.count()).toBe(0);
  } finally {
    await browser.close();
  }
});
