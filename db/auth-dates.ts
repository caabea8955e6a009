import type { KyselyPlugin, QueryResult, RootOperationNode, UnknownRow } from "kysely";

/**
 * Gives better-auth its instants as Dates, as it expects them of PostgreSQL. To everybody else they are
 * text on both engines.
 */
export class AuthDates implements KyselyPlugin {
  transformQuery({ node }: { node: RootOperationNode }): RootOperationNode {
    return node;
  }

  async transformResult({
    result,
  }: {
    result: QueryResult<UnknownRow>;
  }): Promise<QueryResult<UnknownRow>> {
    return { ...result, rows: result.rows.map(withDates) };
  }
}

function withDates(row: UnknownRow): UnknownRow {
  const entries = Object.entries(row).map(([column, value]) =>
    column.endsWith("At") && typeof value === "string"
      ? [column, new Date(value)]
      : [column, value],
  );
  return Object.fromEntries(entries);
}
