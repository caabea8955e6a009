import type { Generated, Insertable, Selectable } from "kysely";
import type { DisputeState, ReasonCode } from "#server/domain/dispute.ts";
import type { InvoiceStatus } from "#server/domain/invoice.ts";

/** Flags are nullable instants, money is an integer, instants and JSON are text, ids are made in code. */
export interface DeliveryTable {
  /** Counts up in the order of arrival. */
  id: Generated<number>;
  connection_id: string;
  /** Unique per connection; made up when the system gives none. */
  dedupe_key: string;
  method: string;
  path: string;
  /** JSON object of header name to value. */
  headers: string;
  body: Uint8Array;
  received_at: string;
  attempts: Generated<number>;
  /** When to process it next; null once it is processed or dead. */
  due_at: string | null;
  processed_at: string | null;
  dead_at: string | null;
  /** Of a dead one: somebody said that nothing is to be done. */
  dismissed_at: string | null;
  /** Why the last attempt failed, in words for finance. */
  error: string | null;
  /** First and last ledger sequence that it caused, if any. */
  first_sequence: number | null;
  last_sequence: number | null;
  /** `receive`, `replay` or `simulation`. */
  origin: Generated<string>;
}

export interface RefusedTable {
  id: Generated<number>;
  connection_id: string;
  at: string;
  status: number;
  reason: string;
  method: string;
  headers: string;
  /** At most 4 kB. */
  body: Uint8Array;
}

export interface ConnectionTable {
  id: string;
  system: string;
  name: string;
  kind: string;
  settings: string;
  /** AES-256-GCM under APP_SECRET. */
  secrets: Uint8Array;
  created_at: string;
  paused_at: string | null;
  /** Set when CONNECTIONS_FILE defines it: read-only in the console. */
  from_file_at: string | null;
  /** "also receives disputes" though it does not own the invoice. */
  receives_disputes_at: string | null;
  last_delivery_at: string | null;
  delivered: Generated<number>;
  refused: Generated<number>;
  pinged: Generated<number>;
  /** The connection of the vendor's app that receives for this organisation; null for ordinary ones. */
  app: string | null;
  /** The vendor's id of this organisation; set together with `app`. */
  account: string | null;
  /** From when its versions count anew, because finance said so. */
  versions_from: Generated<string | null>;
  /** The grant whose tokens it calls with; null: not connected yet. */
  grant_id: string | null;
  /** Of a vendor's app that numbers what it sends: the highest number that came. */
  last_sequence: number | null;
}

/** What somebody at an organisation allowed a vendor's app: its tokens, one set at a time. */
export interface OAuthGrantTable {
  id: string;
  /** The app's connection. */
  app: string;
  /** JSON { access, refresh }, AES-256-GCM under APP_SECRET. */
  tokens: Uint8Array;
  /** Counts the sets of tokens: whoever refreshes replaces the set that it read. */
  version: number;
  access_expires_at: string;
  /** null: the vendor does not say. */
  refresh_expires_at: string | null;
  /** While somebody refreshes; the others wait for the next version. */
  refreshing_until: string | null;
  /** Who connected it. */
  granted_by: string;
  granted_at: string;
  refreshed_at: string;
  /** Since when it needs reconnecting, and why in plain words. */
  broken_at: string | null;
  fault: string | null;
}

/** A person on the way to a vendor's consent page and back. */
export interface ConnectRequestTable {
  /** Hex SHA-256 of the state. */
  state: string;
  app: string;
  /** Hex SHA-256 of the session's token: nobody else comes back with it. */
  session: string;
  /** PKCE verifier, sealed. */
  verifier: Uint8Array;
  expires_at: string;
}

/** How far a connection was read, kept with what was recorded of it. */
export interface ReconcileCursorTable {
  connection_id: string;
  /** What changed at or after it is still to be read. */
  since: string;
  /** The page within the run that is under way; null: its first. */
  cursor: string | null;
  /** The run that is under way; null between runs. */
  run_id: string | null;
  /** Complete runs: the first is quiet. */
  passes: number;
  /** When to read next. */
  due_at: string;
  /** While a process reads; it comes free by itself. */
  leased_until: string | null;
}

export interface ReconcileRunTable {
  id: string;
  connection_id: string;
  since: string;
  began_at: string;
  ended_at: string | null;
  /** When it last stopped half-way, and why; it goes on from there. */
  failed_at: string | null;
  error: string | null;
  /** Invoices that the system told of. */
  read: number;
  /** Invoices that the ledger did not have so. */
  differed: number;
  /** Elements that could not be used and were passed over. */
  rejected: number;
}

export interface CustomerRecordTable {
  id: string;
  connection_id: string;
  /** The system's customer id, or `name:<normalised name>`. */
  external_key: string;
  name: string;
  email: string | null;
  customer_id: string | null;
  created_at: string;
}

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

/** What each connection told of an invoice, with versions: the memory of `derive`, not a projection. */
export interface InvoiceFactsTable {
  invoice_id: string;
  facts: string;
}

/** Names by which a connection calls an invoice: `id:<external id>`, `no:<number>`. */
export interface InvoiceNameTable {
  connection_id: string;
  name: string;
  invoice_id: string;
}

export interface InvoiceTable {
  id: string;
  number: string;
  /** Upper case, for prefix search. */
  number_key: string;
  customer_record_id: string;
  customer_id: string | null;
  customer_name: string;
  owner: string;
  external_id: string | null;
  status: InvoiceStatus;
  /** The most pressing dispute's state, or `none`. */
  dispute: DisputeState | "none";
  currency: string;
  total: number;
  paid: number;
  credited: number;
  due: number;
  issued_on: string | null;
  due_on: string | null;
  /** First PO number, upper case, for prefix search. */
  po_key: string | null;
  description: string | null;
  /** `rowid` of its words in invoice_search: the sequence of the event that issued it. */
  search_id: number;
  /** InvoiceView, JSON. */
  view: string;
  /** `recorded_at` and `sequence` of its last event. */
  updated_at: string;
  sequence: number;
}

export interface DisputeTable {
  id: string;
  number: string;
  invoice_id: string;
  /** The record under which it was opened, whose chain tells of it; its invoice may be another's since. */
  customer_record_id: string;
  /** The customer of that record. */
  customer_id: string | null;
  state: DisputeState;
  reason: ReasonCode;
  currency: string;
  amount: number;
  whole_at: string | null;
  lines: string;
  message: string;
  customer_reference: string | null;
  external_id: string | null;
  opened_by: string;
  opened_side: string;
  opened_at: string;
  first_response_due_at: string;
  responded_at: string | null;
  closed_at: string | null;
  /** The name of whoever works it, as it was when they took it. */
  processor: string | null;
  credited_amount: number | null;
  /** The invoice's `credited` at which the promised credit is there; null: nothing is pending. */
  credit_expected: number | null;
  /** The last words of whoever moved it, e.g. why it was rejected. */
  answer: string | null;
  updated_at: string;
  sequence: number;
  /** Whoever works it: a user, or an API key. */
  processor_id: string | null;
}

export interface CommentTable {
  id: string;
  invoice_id: string;
  dispute_id: string | null;
  /** `customer` or `supplier` audience: a note is for the supplier alone. */
  audience: string;
  side: string;
  author: string;
  text: string;
  occurred_at: string;
  sequence: number;
}

export interface PromiseTable {
  id: string;
  invoice_id: string;
  promised_on: string;
  amount: number;
  currency: string;
  author: string;
  /** `made`, `kept`, `broken`, `replaced` or `withdrawn`. */
  state: string;
  made_at: string;
  sequence: number;
  /** The record under which it was made; its invoice may be another's since. */
  customer_record_id: string;
}

/** What finance has to look at: one row for each kind, connection and invoice. */
export interface FinanceNoticeTable {
  id: string;
  action: string;
  connection_id: string;
  invoice_id: string;
  /** The delivery that showed it last; null for a reading or a job. */
  delivery_id: number | null;
  details: string;
  /** When the telling came that opened it. */
  since: string;
  first_at: string;
  last_at: string;
  times: number;
  closed_at: string | null;
}
export type FinanceNoticeRow = Selectable<FinanceNoticeTable>;

/** Authentic changes that wait for their invoice, 14 days at most. */
export interface UnmatchedTable {
  id: Generated<number>;
  connection_id: string;
  delivery_id: number | null;
  /** `id:…` or `no:…` as in invoice_names. */
  name: string;
  change: string;
  received_at: string;
  expires_at: string;
  matched_at: string | null;
}

/** Elements that could not be used while their neighbours were recorded. */
export interface RejectionTable {
  id: Generated<number>;
  connection_id: string;
  /** The delivery that it was in; null where a reconciliation read it. */
  delivery_id: number | null;
  /** The reconciliation run that read it; null where a delivery told it. */
  run_id: string | null;
  /** Which one, in words: "Invoice 93901". */
  element: string;
  reason: string;
  rejected_at: string;
  /** When a person had seen it; null: it shows beside the connection's health. */
  dismissed_at: string | null;
}

export interface OutboxTable {
  id: string;
  /** `mail` or `writeback`. */
  kind: string;
  /** The event that caused it; null for sign-in and test mail. */
  sequence: number | null;
  invoice_id: string | null;
  /** Rows of one key go one after the other. */
  order_key: string;
  /** Unique: says what this row does, so that it is done once. */
  once_key: string;
  /** A connection id, or a mail address. */
  target: string;
  /** Template, or event type to write back. */
  what: string;
  /** JSON: what the dispatcher needs, fixed when the event was recorded. */
  payload: string;
  created_at: string;
  due_at: string;
  attempts: Generated<number>;
  /** `queued`, `sent` (unknown outcome), `accepted`, `read_back`, `refused` (parked), `skipped`. */
  state: Generated<string>;
  done_at: string | null;
  parked_at: string | null;
  /** JSON: reference, answer, Message-ID, hash of what was rendered. */
  receipt: string | null;
  last_answer: string | null;
  updated_at: string;
  /** The `once_key` of the mail that this one goes out in, together with others to the same person. */
  mail_group: string | null;
}

/** Addresses that refuse mail: nothing that an event causes is tried there. */
export interface MailSuppressionTable {
  /** In lower case. */
  address: string;
  refused_at: string;
  answer: string;
}

export interface OutboxAttemptTable {
  id: Generated<number>;
  outbox_id: string;
  at: string;
  outcome: string;
  answer: string;
  duration_ms: number;
}

/** Mail that the development transport caught; shown at /dev/mail. */
export interface CaughtMailTable {
  id: Generated<number>;
  caught_at: string;
  recipient: string;
  subject: string;
  raw: Uint8Array;
}

/** Kinds of mail that a person does not want; `customer_id` "*" is for finance kinds. */
export interface MailStopTable {
  user_id: string;
  kind: string;
  stopped_at: string;
}

export interface ApiKeyTable {
  id: string;
  name: string;
  role: string;
  customer_id: string | null;
  /** Hex SHA-256; the key itself is shown once. */
  hash: string;
  created_at: string;
  /** Not valid from this instant on; null: until it is revoked. */
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

/** What an `Idempotency-Key` of an API key was used for. */
export interface ApiRequestTable {
  key_id: string;
  idempotency_key: string;
  /** Hex SHA-256 of what was asked. */
  request_hash: string;
  /** Null only inside the transaction that opens it. */
  dispute_id: string | null;
  created_at: string;
}

/** One row a key: brand, time zone, grace days, signing keys … as JSON. */
export interface SettingTable {
  key: string;
  value: string;
}

/** When a process last took a recurring job: among several, one runs it. */
export interface JobTurnTable {
  job: string;
  taken_at: string;
}

// better-auth's own tables, in its own column names and types.
export interface UserTable {
  id: string;
  name: string;
  email: string;
  emailVerified: number;
  image: string | null;
  createdAt: string;
  updatedAt: string;
  /** `finance`, `administrator`, `auditor`; null for customer users. */
  staffRole: string | null;
  locale: string | null;
  timeZone: string | null;
}
export interface SessionTable {
  id: string;
  expiresAt: string;
  token: string;
  createdAt: string;
  updatedAt: string;
  ipAddress: string | null;
  userAgent: string | null;
  userId: string;
  activeOrganizationId: string | null;
}
export interface AccountTable {
  id: string;
  accountId: string;
  providerId: string;
  userId: string;
  accessToken: string | null;
  refreshToken: string | null;
  idToken: string | null;
  accessTokenExpiresAt: string | null;
  refreshTokenExpiresAt: string | null;
  scope: string | null;
  password: string | null;
  createdAt: string;
  updatedAt: string;
}
export interface VerificationTable {
  id: string;
  identifier: string;
  value: string;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
}
/** A customer: the company that signs in. */
export interface OrganizationTable {
  id: string;
  name: string;
  slug: string;
  logo: string | null;
  createdAt: string;
  metadata: string | null;
}
export interface MemberTable {
  id: string;
  organizationId: string;
  userId: string;
  role: string;
  createdAt: string;
}
export interface InvitationTable {
  id: string;
  organizationId: string;
  email: string;
  /** As the inviter calls the person. */
  name: string | null;
  role: string | null;
  status: string;
  expiresAt: string;
  createdAt: string;
  inviterId: string;
}

/** What an invoice is found by (FTS5); `rowid` is the invoice's `search_id`. */
export interface InvoiceSearchTable {
  rowid: number;
  invoice_id: string;
  /** As `searchedText` writes it. */
  text: string;
  /** As `searchText` writes them. */
  words: string;
}

export interface Schema {
  deliveries: DeliveryTable;
  refused: RefusedTable;
  connections: ConnectionTable;
  oauth_grants: OAuthGrantTable;
  connect_requests: ConnectRequestTable;
  reconcile_cursors: ReconcileCursorTable;
  reconcile_runs: ReconcileRunTable;
  customer_records: CustomerRecordTable;
  events: EventTable;
  ledger_head: LedgerHeadTable;
  merkle_nodes: MerkleNodeTable;
  checkpoints: CheckpointTable;
  invoice_facts: InvoiceFactsTable;
  invoice_names: InvoiceNameTable;
  invoices: InvoiceTable;
  invoice_search: InvoiceSearchTable;
  disputes: DisputeTable;
  comments: CommentTable;
  promises: PromiseTable;
  unmatched: UnmatchedTable;
  rejections: RejectionTable;
  finance_notices: FinanceNoticeTable;
  outbox: OutboxTable;
  outbox_attempts: OutboxAttemptTable;
  caught_mails: CaughtMailTable;
  mail_stops: MailStopTable;
  mail_suppressions: MailSuppressionTable;
  api_keys: ApiKeyTable;
  api_requests: ApiRequestTable;
  settings: SettingTable;
  job_turns: JobTurnTable;
  user: UserTable;
  session: SessionTable;
  account: AccountTable;
  verification: VerificationTable;
  organization: OrganizationTable;
  member: MemberTable;
  invitation: InvitationTable;
}

export type DeliveryRow = Selectable<DeliveryTable>;
export type ConnectionRow = Selectable<ConnectionTable>;
export type OAuthGrantRow = Selectable<OAuthGrantTable>;
export type ReconcileCursorRow = Selectable<ReconcileCursorTable>;
export type ReconcileRunRow = Selectable<ReconcileRunTable>;
export type CustomerRecordRow = Selectable<CustomerRecordTable>;
export type EventRow = Selectable<EventTable>;
export type InvoiceRow = Selectable<InvoiceTable>;
export type DisputeRow = Selectable<DisputeTable>;
export type OutboxRow = Selectable<OutboxTable>;
export type NewOutboxRow = Insertable<OutboxTable>;
