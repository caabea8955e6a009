import { useState } from "react";

/**
 * The rows of a live list in the order in which its reader first saw them, so that none moves away
 * under the pointer; those that came later are kept back. `isMoved` once the list would look different,
 * until `sort`. Another `list` is another list.
 */
export function useSteady<Row extends { id: string }>(
  list: string,
  rows: readonly Row[],
): { rows: readonly Row[]; isMoved: boolean; sort: () => void } {
  const now = rows.map(({ id }) => id);
  const [seen, setSeen] = useState({ list, ids: now });
  const isSame = seen.list === list && seen.ids.length > 0;
  if (!isSame && (seen.list !== list || now.length > 0)) setSeen({ list, ids: now });
  const known = new Map(rows.map((row) => [row.id, row]));
  const shown = isSame ? seen.ids.flatMap((id) => known.get(id) ?? []) : rows;
  return {
    rows: shown,
    isMoved: shown.length !== rows.length || shown.some(({ id }, index) => id !== now[index]),
    sort: () => setSeen({ list, ids: now }),
  };
}
