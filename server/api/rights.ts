import type { KeyRole } from "#server/access/api-keys.ts";

/**
 * What a key of each role may do: the one table that the API checks and that the document and the
 * console show. A customer's key reaches its own customer's things alone, whatever it may do.
 */
export const rights = {
  "invoices:read": {
    words: "read invoices and what happened to them",
    roles: ["customer", "auditor", "finance", "administrator"],
  },
  "disputes:read": {
    words: "read disputes",
    roles: ["customer", "auditor", "finance", "administrator"],
  },
  "ledger:read": {
    words: "read the ledger with its hashes",
    roles: ["customer", "auditor", "finance", "administrator"],
  },
  "disputes:open": {
    words: "open a dispute",
    roles: ["customer", "finance", "administrator"],
  },
  "disputes:move": {
    words:
      "add words to a dispute and move it: a customer's key withdraws or reopens, the others decide",
    roles: ["customer", "finance", "administrator"],
  },
  "deliveries:read": {
    words: "read what systems delivered, without the bytes",
    roles: ["auditor", "finance", "administrator"],
  },
  "outbox:read": {
    words: "read mails and write-backs on their way, without their contents",
    roles: ["auditor", "finance", "administrator"],
  },
} as const satisfies Record<string, { words: string; roles: readonly KeyRole[] }>;

export type Right = keyof typeof rights;

/** The roles in the order in which tables show them, with what each is for. */
export const roleWords: Record<KeyRole, string> = {
  customer: "one customer's program: sees that customer's own things and nothing else",
  auditor: "reads everything, changes nothing",
  finance: "reads everything, works disputes",
  administrator: "the same as finance",
};

/** The table for people: the roles, and for each right which of them have it. */
export function rightsTable() {
  const roles = Object.entries(roleWords).map(([role, words]) => ({ role, words }));
  const rows = Object.values(rights).map(({ words, roles: having }) => ({
    words,
    may: roles.map(({ role }) => having.some((each) => each === role)),
  }));
  return { roles, rows };
}

export function mayRole(role: KeyRole, right: Right): boolean {
  const { roles }: { roles: readonly KeyRole[] } = rights[right];
  return roles.includes(role);
}
