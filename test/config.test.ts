import { expect, test } from "vitest";
import { readConfig } from "#server/config.ts";

const production = {
  NODE_ENV: "production",
  APP_SECRET: "a secret of the tests that is long enough",
  PUBLIC_URL: "https://portal.example",
};

const faultsOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

test("all faults are named at once, also beside values of the wrong shape", () => {
  const faults = faultsOf({
    ...production,
    PORT: "99999",
    APP_SECRET: "short",
    PUBLIC_URL: "http://portal.example",
    TRUSTED_PROXIES: "10.0.0.0/",
  });
  for (const name of ["PORT", "APP_SECRET", "PUBLIC_URL", "TRUSTED_PROXIES"]) {
    expect(faults).toContain(`${name}: `);
  }
});

test("a range of proxies that cannot be read stops the start", () => {
  const wrong = ["10.0.0.0/", "10.0.0.0/33", "::1/129", "10.0.0.0/ 8", "10.0.0/8", "proxy", "/8"];
  for (const range of wrong) {
    expect(faultsOf({ ...production, TRUSTED_PROXIES: range }), range).toContain("TRUSTED_PROXIES");
  }
  const right = "10.0.0.0/8, 127.0.0.1,::1, fd00::/8,0.0.0.0/0";
  expect(faultsOf({ ...production, TRUSTED_PROXIES: right })).toBe("");
});

test("the public address is an origin: what stands behind it would be in some links and not in others", () => {
  const wrong = [
    "https://portal.example/invoices",
    "https://portal.example//",
    "https://portal.example/?a=b",
    "https://user@portal.example",
    "https://portal.example/#a",
    "ftp://portal.example",
    "portal.example",
  ];
  for (const PUBLIC_URL of wrong) {
    expect(faultsOf({ ...production, PUBLIC_URL }), PUBLIC_URL).toContain("PUBLIC_URL: ");
  }
  const { publicUrl } = readConfig({ ...production, PUBLIC_URL: "https://portal.example/" });
  expect(publicUrl).toBe("https://portal.example");
});

test("the sender is one address, whose name is quoted when it needs to be", () => {
  const wrong = [
    "invoices",
    "Acme: Invoices <invoices@acme.example>",
    "Acme, Inc. <invoices@acme.example>",
    "a@acme.example, b@acme.example",
    "Acme <invoices>",
    "Acme <a@b> <c@d>",
  ];
  for (const MAIL_FROM of wrong) {
    expect(faultsOf({ ...production, MAIL_FROM }), MAIL_FROM).toContain("MAIL_FROM: ");
  }
  const right = [
    "invoices@acme.example",
    "<invoices@acme.example>",
    "Acme Invoices <invoices@acme.example>",
    '"Acme: Invoices" <invoices@acme.example>',
    "Müller & Söhne <rechnung@müller.example>",
  ];
  for (const MAIL_FROM of right) expect(faultsOf({ ...production, MAIL_FROM }), MAIL_FROM).toBe("");
});
