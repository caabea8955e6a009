import { availableParallelism } from "node:os";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";

// Files share their modules: loading the server anew for each takes longer than testing it.
const shared = {
  ...{ pool: "forks", isolate: false, testTimeout: 30_000, hookTimeout: 30_000 },
  // A busy machine is slow, and not wrong.
  expect: { poll: { timeout: 20_000 } },
} as const;

/** Tests that meet no database or one engine alone, or are about a browser or a connection's other end. */
const onceIsEnough = [
  "test/connectors.test.ts",
  "test/connectors/**/*.test.ts",
  "test/demo-erp.test.ts",
  "test/demo-seed.test.ts",
  "test/floors.test.ts",
  "test/http/disk.test.ts",
  "test/e2e/cold-forms.test.ts",
  "test/e2e/customer-pages.test.ts",
  "test/e2e/desk.test.ts",
  "test/e2e/every-form.test.ts",
  "test/e2e/kept-answers.test.ts",
  "test/e2e/list.test.ts",
  "test/http/hostile*.test.ts",
  "test/http/server.test.ts",
  "test/http/stop.test.ts",
  "test/config.test.ts",
  "test/kit-*.test.ts",
  "test/migrate.test.ts",
  "test/proofs/tamper.test.ts",
  "test/proofs/threads.test.ts",
  "test/proofs/vectors.test.ts",
  "test/vault.test.ts",
];

/** What is about the database: these run on both engines each time. */
const aboutDatabase = [
  "test/auth.test.ts",
  "test/commands.test.ts",
  "test/connect/grants.test.ts",
  "test/http/process*.test.ts",
  "test/http/receive.test.ts",
  "test/isolation.test.ts",
  "test/ledger/*.test.ts",
  "test/outbox-*.test.ts",
  "test/portal.test.ts",
  "test/queries/*.test.ts",
  "test/postgres/*.test.ts",
  "test/proofs/*.test.ts",
  "test/reconcile/*.test.ts",
];

function projects(mode: string): TestProjectConfiguration[] {
  const all = "test/**/*.test.ts";
  return [
    {
      test: {
        ...shared,
        name: "sqlite",
        include: [all],
        exclude: ["test/postgres/**"],
        globalSetup: ["test/support/build.ts"],
      },
    },
    {
      test: {
        ...shared,
        testTimeout: 60_000,
        name: "postgres",
        include: mode === "all" ? [all] : aboutDatabase,
        exclude: onceIsEnough,
        globalSetup: ["test/support/build.ts", "test/support/postgres-server.ts"],
      },
    },
  ];
}

/** `npm test`; with `--mode all` everything runs on both engines. */
export default defineConfig(({ mode }) => ({
  test: { projects: projects(mode), maxWorkers: availableParallelism() },
}));
