/** What a checkpoint says of the ledger as it was after event `size`. */
export interface Checkpoint {
  /** The ledger's name: the portal's host and path, without scheme. */
  origin: string;
  size: number;
  /** Hex root of the Merkle tree over every event's hash, RFC 6962. */
  root: string;
  /** The last hash of each chain: how many there are, and the hex root of the tree over them. */
  heads: { count: number; root: string };
}

/** C2SP tlog-checkpoint: origin, size, root, and one extension line for the heads of all chains. */
export function checkpointText({ origin, size, root, heads }: Checkpoint): string {
  return `${origin}\n${size}\n${base64(root)}\nheads ${heads.count} ${base64(heads.root)}\n`;
}

const form = /^(\S+)\n(0|[1-9]\d{0,15})\n(\S{44})\nheads (0|[1-9]\d{0,15}) (\S{44})\n$/;

/** Reads what `checkpointText` wrote. Throws when it is anything else. */
export function parseCheckpoint(text: string): Checkpoint {
  const [, origin, size, root, count, headsRoot] = form.exec(text) ?? [];
  if (!origin || !size || !root || !count || !headsRoot) {
    throw new Error("This is not a checkpoint of a ledger");
  }
  const heads = { count: Number(count), root: hex(headsRoot) };
  return { origin, size: Number(size), root: hex(root), heads };
}

function base64(hash: string): string {
  return Buffer.from(hash, "hex").toString("base64");
}

function hex(text: string): string {
  return Buffer.from(text, "base64").toString("hex");
}
