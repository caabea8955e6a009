import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keepForOneself } from "#demo/one-at-a-time.ts";

test("a folder is kept for one demo at a time, also while it is removed and made anew", () => {
  const parent = mkdtempSync(join(tmpdir(), "demo-"));
  const folder = join(parent, "data", "demo");
  const first = keepForOneself(folder);
  rmSync(folder, { recursive: true, force: true });
  expect(keepForOneself(folder)).toBeNull();
  first?.letGo();
  const second = keepForOneself(folder);
  expect(second).not.toBeNull();
  second?.letGo();
  rmSync(parent, { recursive: true });
});
