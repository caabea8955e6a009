import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { readConfig } from "#server/config.ts";
import { networkOf, peerReader } from "#server/http/peer.ts";
import { ignoredProxyOf } from "#server/http/untrusted-proxy.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

/** Says whom a server behind these proxies takes for the caller; the connection comes from 127.0.0.1. */
async function startEcho(trustedProxies: string) {
  const peerOf = peerReader(readConfig({ TRUSTED_PROXIES: trustedProxies }));
  const server = createServer((incoming, outgoing) => {
    outgoing.end(peerOf(incoming).remoteAddress);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    async caller(forwardedFor: string): Promise<string> {
      const headers = { "x-forwarded-for": forwardedFor };
      return (await fetch(`http://127.0.0.1:${port}/`, { headers })).text();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["203.0.113.7:51234", "203.0.113.7"],
  ["[2001:db8::7]:51234", "2001:db8::7"],
  ["[2001:db8::7]", "2001:db8::7"],
  ["2001:DB8:0:0::7", "2001:db8::7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::FFFF:cb00:7107", "203.0.113.7"],
  // What a caller made up stands to the left of what the proxy saw.
  ["9.9.9.9, 203.0.113.7:51234", "203.0.113.7"],
  ["9.9.9.9, 203.0.113.7:51234, 10.0.0.2:443", "203.0.113.7"],
  // A hop that cannot be read ends the walk: nothing to its left is believed.
  ["9.9.9.9, unknown", "127.0.0.1"],
  ["9.9.9.9, 203.0.113.7:port", "127.0.0.1"],
  ["9.9.9.9, _hidden, 10.0.0.2", "10.0.0.2"],
  ["9.9.9.9, ", "127.0.0.1"],
  ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
])("X-Forwarded-For %s names %s", async (forwardedFor, caller) => {
  await using echo = await startEcho("127.0.0.1, 10.0.0.0/8");
  expect(await echo.caller(forwardedFor)).toBe(caller);
});

test("nobody else's X-Forwarded-For counts", async () => {
  await using echo = await startEcho("10.0.0.0/8");
  expect(await echo.caller("203.0.113.7")).toBe("127.0.0.1");
});

test.each(["10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8/8", "::/129", "10.0.0.0/x", "proxy"])(
  "TRUSTED_PROXIES %s is refused",
  (range) => {
    expect(() => peerReader(readConfig({ TRUSTED_PROXIES: range }))).toThrow("TRUSTED_PROXIES");
  },
);

test("a limit counts an IPv6 network of 64 bits as one, and each IPv4 address in any form", () => {
  expect(networkOf("2001:db8:1:1::5")).toBe(networkOf("2001:db8:1:1:ffff:1:2:3"));
  expect(networkOf("2001:db8:1:1::5")).not.toBe(networkOf("2001:db8:1:2::5"));
  for (const form of ["::ffff:4.4.4.4", "::FFFF:404:404", "::ffff:0404:0404"]) {
    expect(networkOf(form)).toBe("4.4.4.4");
  }
  expect(networkOf("4.4.4.4")).not.toBe(networkOf("4.4.4.5"));
});

test("all addresses of one IPv6 network share one limit, for sign-ins, keys and webhooks", async () => {
  const environment = { TRUSTED_PROXIES: "127.0.0.1" };
  await using portal = await startTestPortal({ environment });
  const from = (host: number, path: string, headers: Record<string, string> = {}) =>
    fetch(portal.url + path, {
      method: path.startsWith("/api") ? "GET" : "POST",
      ...(path === "/sign-in" && {
        body: new URLSearchParams({ email: `nobody${host}@nowhere.example` }),
      }),
      redirect: "manual",
      headers: { "x-forwarded-for": `2001:db8:1:1::${host.toString(16)}`, ...headers },
    });
  const refusedOf = async (times: number, path: string, headers: Record<string, string> = {}) => {
    let refused = 0;
    for (let host = 1; host <= times; host++) {
      if ((await from(host, path, headers)).status === 429) refused++;
    }
    return refused;
  };
  expect(await refusedOf(36, "/sign-in", { origin: portal.url })).toBe(6);
  expect(await refusedOf(25, "/api/v1/invoices", { authorization: "Bearer wrong" })).toBe(5);
  expect(await refusedOf(130, "/webhooks/erp")).toBe(10);
});

test("forwarded headers of a machine that is no trusted proxy are told to the operator", async () => {
  await using portal = await startTestPortal();
  const ignored = () => ignoredProxyOf(portal.portal, portal.portal.config);
  await fetch(`${portal.url}/sign-in`);
  expect(await ignored()).toBeNull();
  await fetch(`${portal.url}/sign-in`, { headers: { "x-forwarded-for": "203.0.113.7" } });
  await expect.poll(ignored).toMatch(/^(127\.0\.0\.1|::1)$/);
  const config = { ...portal.portal.config, trustedProxies: ["127.0.0.0/8", "::1"] };
  expect(await ignoredProxyOf(portal.portal, config)).toBeNull();
});
