/** Where a delivery is, in a word. */
export function DeliveryState({
  row,
}: {
  row: Record<"dead_at" | "dismissed_at" | "due_at", string | null>;
}) {
  if (row.dismissed_at !== null) return <span className="faint">Dismissed</span>;
  if (row.dead_at !== null) return <span className="late medium">Dead</span>;
  return <>{row.due_at === null ? "Processed" : "Waiting"}</>;
}
