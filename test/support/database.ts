import { inject } from "vitest";
import { copyTemplate } from "./postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Address of the server on which this run of the tests has its databases; missing: SQLite. */
    postgres?: string;
  }
}

/** The engine that this run of the tests is on. */
export const onPostgres = inject("postgres") !== undefined;

/** The server of a run on PostgreSQL. */
export function serverUrl(): string {
  const url = inject("postgres");
  if (url === undefined) throw new Error("This is a test of PostgreSQL");
  return url;
}

interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

const copies = new Map<string, Promise<TestDatabase>>();

/**
 * The database that belongs to a folder, on this run's engine; the same one whenever it is asked for
 * again. On PostgreSQL it is migrated already.
 */
export function databaseOf(folder: string): Promise<TestDatabase> {
  const server = inject("postgres");
  if (server === undefined) {
    return Promise.resolve({ url: `file:${folder}/portal.db`, drop: async () => {} });
  }
  const copy = copies.get(folder) ?? copyTemplate(server);
  copies.set(folder, copy);
  return copy;
}
