import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";

/** The lowest versions without a known hole or a bug that would cost data. */
const floors = [
  ["@remix-run/node", "2.17.5"],
  ["@remix-run/react", "2.17.5"],
  ["@remix-run/server-runtime", "2.17.5"],
  ["@remix-run/dev", "2.17.5"],
  ["react-router", "6.30.6"], // open redirect, CVE-2026-53668
  ["react-router-dom", "6.30.6"],
  ["@remix-run/router", "1.23.4"],
  ["kysely", "0.28.14"], // JSON-path injection in the SQLite dialect
  ["better-sqlite3", "12.8.0"], // two writers could corrupt a WAL database
  ["socket.io-parser", "4.2.7"],
  ["engine.io", "6.6.7"],
  ["nodemailer", "8.0.5"],
  ["better-auth", "1.6.22"], // GHSA-qq9h-g4jm-xgf3
  ["qs", "6.16.0"],
] as const;

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      dev: z.boolean().optional(),
    }),
  ),
});
const Manifest = z.object({ overrides: z.record(z.string(), z.string()) });

const lock = Lock.parse(JSON.parse(await readFile("package-lock.json", "utf8")));

function copiesOf(name: string) {
  const entries = Object.entries(lock.packages);
  return entries
    .filter(([path]) => path.endsWith(`node_modules/${name}`))
    .map(([, entry]) => entry);
}

function numbersOf(version: string): number[] {
  return version.split(/[.-]/).slice(0, 3).map(Number);
}

function isAtLeast(version: string, floor: string): boolean {
  const [have, need] = [numbersOf(version), numbersOf(floor)];
  const differs = have.findIndex((number, place) => number !== need[place]);
  return differs === -1 || (have[differs] ?? 0) > (need[differs] ?? 0);
}

test.each(floors)("every locked copy of %s is at least %s", (name, floor) => {
  const versions = copiesOf(name).map(({ version }) => version ?? "0.0.0");
  expect(versions.length).toBeGreaterThan(0);
  expect(versions.filter((version) => !isAtLeast(version, floor))).toEqual([]);
});

test("the ws that serves people is at least 8.21.1; an older copy is for development alone", () => {
  for (const { version = "0.0.0", dev } of copiesOf("ws")) {
    expect(dev === true || isAtLeast(version, "8.21.1")).toBe(true);
  }
});

test("the undici that calls systems is at least 7.24; the older copy is Remix's own", () => {
  const { version = "0.0.0" } = lock.packages["node_modules/undici"] ?? {};
  expect(isAtLeast(version, "7.24.0")).toBe(true);
});

test("the router that Remix pins is overridden where it has the open redirect", async () => {
  const { overrides } = Manifest.parse(JSON.parse(await readFile("package.json", "utf8")));
  expect(overrides).toMatchObject({
    "react-router": "6.30.6",
    "react-router-dom": "6.30.6",
    "@remix-run/router": "1.23.4",
  });
});

test("the lock file names no host that packages are fetched from", () => {
  const entries = Object.values(lock.packages);
  expect(entries.filter(({ resolved }) => resolved?.startsWith("http"))).toEqual([]);
});
