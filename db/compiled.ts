import { type Compilable, CompiledQuery } from "kysely";
import type { Db } from "./connect.ts";
import { isPostgres, prepareByName } from "./postgres.ts";
import { engineOf } from "./sqlite.ts";

class Slot {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A hot statement: built and compiled at its first call, afterwards only filled with values.
 * The query builder costs more than the write it describes.
 * `build` gets `value("name")` for each place that is filled later.
 */
export function compiled<Values extends object, Row>(
  build: (db: Db, value: (name: keyof Values & string) => never) => Compilable<Row>,
): (db: Db, values: Values) => Promise<Row[]> {
  const kept: Kept<Row> = {};
  return (db, values) => {
    // A slot stands in for a value of any type until the statement is run.
    const query = compileOnce(kept, db, () => build(db, (name) => new Slot(name) as never));
    return execute(db, query, valuesIn(query.parameters, values as Record<string, unknown>));
  };
}

/**
 * As `compiled`, for a statement that writes; gives how many rows it wrote. For "was it written?" SQLite
 * takes a tenth of the time that `returning` takes.
 */
export function compiledWrite<Values extends object>(
  build: (db: Db, value: (name: keyof Values & string) => never) => Compilable,
): (db: Db, values: Values) => Promise<number> {
  const kept: Kept = {};
  return (db, values) => {
    const query = compileOnce(kept, db, () => build(db, (name) => new Slot(name) as never));
    const parameters = valuesIn(query.parameters, values as Record<string, unknown>);
    return run(db, { ...query, parameters });
  };
}

function valuesIn(given: readonly unknown[], values: Record<string, unknown>): unknown[] {
  const parameters: unknown[] = [];
  for (const each of given) parameters.push(each instanceof Slot ? values[each.name] : each);
  return parameters;
}

/** One statement in the words of each engine. */
export type Kept<Row = unknown> = Partial<Record<"sqlite" | "postgres", CompiledQuery<Row>>>;

/** The statement for this engine, built and compiled at its first use. */
export function compileOnce<Row>(
  kept: Kept<Row>,
  db: Db,
  build: () => Compilable<Row>,
): CompiledQuery<Row> {
  const engine = isPostgres(db) ? "postgres" : "sqlite";
  let query = kept[engine];
  if (!query) {
    query = kept[engine] = build().compile();
    if (engine === "postgres") prepareByName(query.sql);
  }
  return query;
}

/** Straight to the engine where that is safe: the way through the builder costs as much as the statement. */
async function execute<Row>(
  db: Db,
  query: CompiledQuery<Row>,
  parameters: readonly unknown[],
): Promise<Row[]> {
  const statement = engineOf(db)?.prepare(query.sql);
  if (!statement) return (await db.executeQuery<Row>({ ...query, parameters })).rows;
  // The engine gives rows as the query describes them; Kysely trusts it in the same way.
  if (statement.reader) return statement.all(parameters) as Row[];
  statement.run(parameters);
  return [];
}

/** Runs a statement that was compiled elsewhere. Gives how many rows it wrote. */
export async function run(db: Db, query: CompiledQuery): Promise<number> {
  const statement = engineOf(db)?.prepare(query.sql);
  if (statement) return Number(statement.run(query.parameters).changes);
  return Number((await db.executeQuery(query)).numAffectedRows ?? 0);
}

/** A hot statement without values, as it is written. */
export function statement(sql: string): (db: Db) => Promise<void> {
  const query = CompiledQuery.raw(sql);
  return async (db) => void (await execute(db, query, []));
}
