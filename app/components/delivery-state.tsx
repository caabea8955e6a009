/** Where a delivery is, in a word. */
export function DeliveryState({ row }: { row: { dead_at: string | null; due_at: string | null } }) {
  if (row.dead_at !== null) return <span className="late medium">Dead</span>;
  return <>{row.due_at === null ? "Processed" : "Waiting"}</>;
}
