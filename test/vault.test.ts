import { expect, test } from "vitest";
import { openVault } from "#server/vault.ts";

const [first, second] = [
  "first-secret-of-at-least-32-characters",
  "second-secret-of-at-least-32-character",
];

test("what was sealed opens again, for the same purpose and the same owner only", () => {
  const vault = openVault([first], "connection secrets");
  const sealed = vault.seal("kept to ourselves — ä", "erp");
  expect(vault.open(sealed, "erp")).toBe("kept to ourselves — ä");
  expect(sealed.includes("kept to ourselves")).toBe(false);
  expect(vault.seal("kept to ourselves — ä", "erp").equals(sealed)).toBe(false);
  expect(() => vault.open(sealed, "crm")).toThrow("were changed or belong to something else");
  expect(() => openVault([first], "sessions").open(sealed, "erp")).toThrow("another APP_SECRET");
});

test("a changed byte is noticed, wherever it is", () => {
  const vault = openVault([first], "connection secrets");
  const sealed = vault.seal("secret", "erp");
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => vault.open(changed, "erp"), `byte ${at}`).toThrow("The secrets of erp");
  }
  expect(() => vault.open(sealed.subarray(0, 20), "erp")).toThrow("The secrets of erp");
  expect(() => vault.open(Buffer.alloc(0), "erp")).toThrow("The secrets of erp");
});

test("a new secret in front seals, the old one behind it still opens", () => {
  const sealed = openVault([first], "connection secrets").seal("secret", "erp");
  const rotating = openVault([second, first], "connection secrets");
  expect(rotating.open(sealed, "erp")).toBe("secret");
  expect(rotating.isCurrent(sealed)).toBe(false);
  const anew = rotating.seal("secret", "erp");
  expect(rotating.isCurrent(anew)).toBe(true);
  const instead = rotating.seal("another", "erp", sealed);
  expect(openVault([first], "connection secrets").open(instead, "erp")).toBe("another");
  const done = openVault([second], "connection secrets");
  expect(done.open(anew, "erp")).toBe("secret");
  expect(() => done.open(sealed, "erp")).toThrow("sealed under another APP_SECRET");
});

test("a vault needs a secret", () => {
  expect(() => openVault([], "connection secrets")).toThrow("at least one secret");
});
