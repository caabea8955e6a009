import { expect, test } from "vitest";
import { readConfig } from "#server/config.ts";
import { readConnectionInput } from "#server/connections/connection-input.ts";
import { fieldsOfSystem, valuesOf } from "#server/connections/connection-form.ts";
import { connectors } from "#server/connectors/index.ts";
import { standardHeaders } from "#server/connectors/kit/standard-signature.ts";
import { addressGuard } from "#server/connectors/kit/addresses.ts";
import { testHttp } from "./connectors/stand-in.ts";

const newSecret = "whsec_bmV3LXNlY3JldC1vZi1hbi1lcnAtMDAwMQ==";
const oldSecret = "whsec_b2xkLXNlY3JldC1vZi1hbi1lcnAtMDAwMA==";
const erp = (settings: object, secrets: object = { webhookSecret: newSecret }) =>
  readConnectionInput({
    ...{ id: "erp", system: "standard-webhooks" },
    ...{ settings: { ...settings }, secrets: { ...secrets } },
  });
const refusing = (field: string) =>
  expect.objectContaining({
    status: 422,
    fields: expect.objectContaining({ [field]: expect.any(String) }),
  });

test.each([
  ["settings.bogus", { bogus: true }, undefined],
  ["settings.writebackUrl", { writebackUrl: "https://erp.example/portal" }, undefined],
  ["secrets.webhooksecret", {}, { webhookSecret: newSecret, webhooksecret: newSecret }],
  ["secrets.writeBackSecret", { writeBackUrl: "https://erp.example/portal" }, undefined],
  ["settings.clientId", { tokenUrl: "https://erp.example/token" }, undefined],
])("%s is refused by its name", (field, settings, secrets) => {
  expect(() => erp(settings, secrets)).toThrow(refusing(field));
});

test.each([
  ["one character", "x"],
  ["three bytes", "whsec_AAAA"],
  ["sixteen bytes", "whsec_AAECAwQFBgcICQoLDA0ODw=="],
  ["a list as its text", `[{"secret":"${oldSecret}"}]`],
  ["a list with a weak one", [newSecret, { secret: "whsec_AAAA", until: "2027-01-01T00:00:00Z" }]],
])("a signing secret of %s is refused", (_what, webhookSecret) => {
  expect(() => erp({}, { webhookSecret })).toThrow(refusing("secrets.webhookSecret"));
});

test.each([
  ["stripe", { webhookSecret: "whsec_1" }, "webhookSecret"],
  ["odoo", { webhookSecret: "aaaaaaaaaaaaaaaaaaaa" }, "webhookSecret"],
  ["odoo", { urlToken: "1212121212121212" }, "urlToken"],
  ["xero", { webhookKey: "short", clientSecret: "s" }, "webhookKey"],
  ["quickbooks-online", { verifierToken: ["v"], clientSecret: "s" }, "verifierToken"],
])("%s: a secret that anybody can guess is refused", (system, secrets, field) => {
  const settings = ["xero", "quickbooks-online"].includes(system)
    ? { clientId: "c", ...(system === "quickbooks-online" && { environment: "production" }) }
    : {};
  const input = { id: "one", system, settings, secrets };
  expect(() => readConnectionInput(input)).toThrow(refusing(`secrets.${field}`));
});

const { secrets: fields } = fieldsOfSystem({ system: "standard-webhooks" });
const typed = (text: string) => valuesOf(fields, { "secrets.webhookSecret": text });

test.each([
  ["one line", newSecret, newSecret],
  ["two lines", `${newSecret}\n${oldSecret}`, [newSecret, oldSecret]],
  [
    "a line with its time",
    `${newSecret}\n${oldSecret} until 2027-01-01T00:00:00Z`,
    [newSecret, { secret: oldSecret, until: "2027-01-01T00:00:00Z" }],
  ],
  [
    "JSON as the documentation writes it",
    JSON.stringify([{ secret: oldSecret, until: "2027-01-01T00:00:00.000Z" }, newSecret]),
    [{ secret: oldSecret, until: "2027-01-01T00:00:00.000Z" }, newSecret],
  ],
])("the console's field takes %s", (_what, text, webhookSecret) => {
  const values = typed(text);
  expect(values).toEqual({ webhookSecret });
  expect(erp({}, values)).toMatchObject({ secrets: { webhookSecret } });
});

test("broken JSON in the field is said under it", () => {
  expect(() => typed("[{")).toThrow(refusing("secrets.webhookSecret"));
});

test("the old secret is accepted until its time, by every system", () => {
  const listed = connectors.get("standard-webhooks");
  const secrets = {
    webhookSecret: [newSecret, { secret: oldSecret, until: "2027-01-01T00:00:00Z" }],
  };
  const bound = listed?.bind({}, secrets, testHttp());
  const sentWith = (secret: string, at: string) => {
    const receivedAt = new Date(at);
    const body = Buffer.from("{}");
    const headers = new Headers(standardHeaders(secret, { id: "a", sentAt: receivedAt, body }));
    return bound?.verify({ method: "POST", query: "", headers, body, receivedAt });
  };
  sentWith(newSecret, "2027-06-01T00:00:00Z");
  sentWith(oldSecret, "2026-12-31T23:59:00Z");
  expect(() => sentWith(oldSecret, "2027-01-01T00:00:01Z")).toThrow("does not match");
});

test("a range that cannot be read stops the start, by its name", () => {
  for (const range of ["10.0.0.0/", "10.0.0.0/33", "10.0.0/8", "::1/129", "0x0a000000/8", "/8"]) {
    const environment = { NODE_ENV: "test", OUTBOUND_ALLOW: `192.168.1.0/24, ${range}` };
    expect(() => readConfig(environment), range).toThrow(`OUTBOUND_ALLOW: ${range} is `);
    expect(() => addressGuard([range]), range).toThrow("is not a range of addresses");
  }
  readConfig({ NODE_ENV: "test", OUTBOUND_ALLOW: "10.0.0.0/8,fd00::/8,192.168.1.1" });
});
