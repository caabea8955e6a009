import { expect, test } from "vitest";
import { runTamper } from "../campaigns/tamper.ts";

test("whatever is changed in a ledger's file is found, and where", async () => {
  const { counts, faults } = await runTamper({ seed: 7, cycles: 45 });
  expect(faults).toEqual([]);
  expect(counts["found by the portal"]).toBe(45);
  expect(counts["found by the standalone verifier"]).toBe(45);
  expect(counts["its stretch named by the portal, without the hashes"]).toBe(9);
  expect(counts["its stretch named by the standalone verifier, without the hashes"]).toBe(9);
}, 120_000);
