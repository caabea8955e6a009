import { request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { startTestPortal, type TestPortal } from "../support/start-portal.ts";
import { invoiceIssued } from "../support/standard-event.ts";

const email = "ines@meridian.example";

/** An answer with its body as it came over the wire. */
function ask(url: string, headers: Record<string, string>) {
  return new Promise<{ headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
    (resolve, reject) => {
      const asked = request(url, { headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }));
      });
      asked.on("error", reject).end();
    },
  );
}

async function opened(portal: TestPortal) {
  const customer = { id: "C-1", name: "Meridian" };
  for (let number = 1; number <= 50; number++) {
    await portal.deliver("erp", invoiceIssued(`KA-${number}`, { customer }));
  }
  await portal.settled();
  await portal.addCustomer("Meridian", email);
  return portal.as(email);
}

test("pages, their data, scripts and styles go out compressed", async () => {
  await using portal = await startTestPortal();
  const { cookie, page, at } = await opened(portal);
  const html = await page("/invoices");
  const style = /href="(\/assets\/[^"]+\.css)"/.exec(html)?.[1] ?? "";
  const script = /href="(\/assets\/entry[^"]+\.js)"/.exec(html)?.[1] ?? "";
  for (const path of [
    "/invoices",
    "/invoices.data",
    style,
    script,
    "/favicon.svg",
    "/verify.mjs",
  ]) {
    const plain = await ask(at(path), { cookie });
    expect(plain.headers["content-encoding"], path).toBeUndefined();
    expect(plain.headers["vary"], path).toContain("Accept-Encoding");
    for (const [accepted, encoding, undo] of [
      ["gzip, deflate, br, zstd", "br", brotliDecompressSync],
      ["gzip", "gzip", gunzipSync],
    ] as const) {
      const short = await ask(at(path), { cookie, "accept-encoding": accepted });
      if (plain.body.length < 1_024) continue;
      expect(short.headers["content-encoding"], path).toBe(encoding);
      expect(short.headers["vary"], path).toContain("Accept-Encoding");
      expect(short.body.length, path).toBeLessThan(plain.body.length / 2);
      expect(undo(short.body).length, path).toBeGreaterThan(plain.body.length * 0.98);
    }
  }
});

test("a page that another site asks for with words in its address is not compressed", async () => {
  await using portal = await startTestPortal();
  const { cookie, at } = await opened(portal);
  const encodingOf = async (path: string, headers: Record<string, string>) => {
    const asked = { cookie, "accept-encoding": "br", ...headers };
    return (await ask(at(path), asked)).headers["content-encoding"];
  };
  const foreign = { "sec-fetch-site": "cross-site" };
  expect(await encodingOf("/invoices?q=EUR+1,25", foreign)).toBeUndefined();
  expect(await encodingOf("/invoices", foreign)).toBe("br");
  expect(await encodingOf("/invoices?q=KA", { "sec-fetch-site": "same-origin" })).toBe("br");
  expect(await encodingOf("/invoices", { "accept-encoding": "br;q=0, gzip;q=0.5" })).toBe("gzip");
  expect(await encodingOf("/invoices", { "accept-encoding": "identity" })).toBeUndefined();
});
