import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type PostgresPool,
  type PostgresPoolClient,
  type TransactionSettings,
} from "kysely";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Databases, Db } from "./connect.ts";
import { isClash } from "./fault.ts";
import { TypesAsOnSqlite, withoutNul } from "./postgres-values.ts";
import type { Schema } from "./schema.ts";

/** Owns nothing and is no superuser: what the portal is while it runs. Made by the first migration. */
export const runtimeRole = "portal_runtime";

/** Whether it is PostgreSQL, where the engines need different words. */
export function isPostgres(db: Db): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/**
 * Opens a `postgres:` database; connects when first asked. Every connection but the owner's takes the
 * run-time role, so that no query can change tables, triggers or what the ledger holds.
 */
export function connectPostgres(url: string): Databases {
  const writing = poolOf(url, { max: 6, begin: settings });
  const queueing = poolOf(url, { max: 3, begin: settings });
  const readOnly = `${settings}; set default_transaction_read_only = on`;
  const reading = poolOf(url, { max: 8, begin: readOnly });
  const owning = poolOf(url, { max: 2, begin: "set time zone 'UTC'" });
  const databases = {
    writer: new RetryingDb(new LedgerDialect({ pool: naming(writing) })),
    queues: new RetryingDb(new PostgresDialect({ pool: naming(queueing) })),
    db: new RetryingDb(new PostgresDialect({ pool: naming(reading) })),
    owner: new RetryingDb(new PostgresDialect({ pool: naming(owning) })),
  };
  return {
    ...databases,
    arrivals: databases.queues,
    unsynced: databases.writer,
    synced: async () => {},
    async close() {
      for (const db of Object.values(databases)) await db.destroy();
    },
  };
}

/**
 * A commit is answered when it is on disk, whatever the database's default is; and a process that
 * hangs inside a transaction does not keep the ledger from everybody else.
 */
const settings = `set role ${runtimeRole}; set time zone 'UTC'; set synchronous_commit = on;
  set idle_in_transaction_session_timeout = '30s'; set lock_timeout = '60s'`;

function poolOf(url: string, { max, begin }: { max: number; begin: string }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    // Commands end when their work does, though a connection is still kept.
    allowExitOnIdle: true,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    fallback_application_name: "invoice-status-portal",
    types: new TypesAsOnSqlite(),
    // The pool waits for it, which its types do not say: without its role no connection is lent.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: async (client) => {
      client.on("error", isToldLater);
      await client.query(begin);
    },
  });
  pool.on("error", isToldLater);
  return pool;
}

/** A connection that breaks is replaced; whoever uses it, or finds no other, is told by the next query. */
function isToldLater(): void {}

/** By their text. */
const preparedNames = new Map<string, string>();

/** Lets each connection prepare a statement once, by a name; for statements that are run very often. */
export function prepareByName(sql: string): void {
  if (!preparedNames.has(sql)) preparedNames.set(sql, `hot${preparedNames.size}`);
}

/** A pool as Kysely wants it, which prepares the statements that have a name. */
function naming(pool: pg.Pool): PostgresPool {
  return {
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      const query = (text: string, parameters: readonly unknown[]) => {
        const name = preparedNames.get(text);
        const values = parameters.map(withoutNul);
        return client.query(name === undefined ? { text, values } : { name, text, values });
      };
      const named = { query, release: () => client.release() };
      // Kysely also knows cursors, which nothing here asks for: every list has a limit.
      return named as unknown as PostgresPoolClient;
    },
  };
}

/**
 * A transaction first takes the ledger's head, so that recording is serial across processes, as it is
 * on SQLite: nobody derives from what somebody else is about to change.
 */
class LedgerDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings) {
    if (settings.isolationLevel || settings.accessMode) {
      throw new Error("A transaction that writes is as the ledger needs it");
    }
    await connection.executeQuery(beginWithLedger);
  }
}

const beginWithLedger = CompiledQuery.raw(
  "begin; select sequence from ledger_head where id = 1 for update",
);

class LedgerDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): LedgerDriver {
    return new LedgerDriver(this.#config);
  }
}

const mostTries = 5;

/** Runs a transaction again when it clashed with another one, which undid it whole. */
class RetryingDb extends Kysely<Schema> {
  constructor(dialect: PostgresDialect) {
    super({ dialect });
  }

  override transaction() {
    const builder = super.transaction();
    const execute = builder.execute.bind(builder);
    builder.execute = async (work) => {
      for (let tries = 1; ; tries++) {
        try {
          return await execute(work);
        } catch (error) {
          if (!isClash(error) || tries === mostTries) throw error;
          await pause(Math.random() * 20 * 2 ** tries);
        }
      }
    };
    return builder;
  }
}
