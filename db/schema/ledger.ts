import type { Selectable } from "kysely";

export interface EventTable {
  sequence: number;
  chain: string;
  type: string;
  type_version: number;
  audience: string;
  invoice_id: string | null;
  occurred_at: string;
  recorded_at: string;
  source: string;
  /** Hex SHA-256 of salt and canonical data. */
  commitment: string;
  hash: string;
  /** Null only after `data.erased`. */
  salt: string | null;
  data: string | null;
}

export interface LedgerHeadTable {
  id: number;
  sequence: number;
  recorded_at: string;
}

/** Roots of complete subtrees of the Merkle tree over all events; computed from them, so they can be made anew. */
export interface MerkleNodeTable {
  /** The subtree has 2^level leaves, and `place` of its size stand before it. */
  level: number;
  place: number;
  hash: string;
}

/** What the ledger was after event `size`, signed. */
export interface CheckpointTable {
  size: number;
  /** C2SP tlog-checkpoint, a signed note. */
  note: string;
  created_at: string;
  /** When it was made for who downloads a proof, and so mailed to nobody; null for one that was kept for itself. */
  on_demand_at: string | null;
}

export type EventRow = Selectable<EventTable>;
