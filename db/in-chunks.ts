const most = 500;

/** What `read` gives of all of these, for so many at a time as one statement may name. */
export async function inChunks<Id, Row>(
  ids: Iterable<Id>,
  read: (some: Id[]) => Promise<Row[]>,
): Promise<Row[]> {
  const all = [...new Set(ids)];
  const rows: Row[] = [];
  for (let from = 0; from < all.length; from += most) {
    rows.push(...(await read(all.slice(from, from + most))));
  }
  return rows;
}
