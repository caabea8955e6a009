import type {
  DeliveryTable,
  RefusedTable,
  RejectionTable,
  MissingInvoiceTable,
  UnmatchedTable,
} from "./schema/deliveries.ts";
import type {
  ConnectionTable,
  OAuthGrantTable,
  ConnectRequestTable,
  ReconcileCursorTable,
  ReconcileRunTable,
} from "./schema/connections.ts";
import type {
  EventTable,
  LedgerHeadTable,
  MerkleNodeTable,
  CheckpointTable,
} from "./schema/ledger.ts";
import type {
  CustomerRecordTable,
  InvoiceFactsTable,
  InvoiceNameTable,
  InvoiceTable,
  InvoiceSearchTable,
} from "./schema/invoices.ts";
import type { DisputeTable, CommentTable, PromiseTable } from "./schema/disputes.ts";
import type { FinanceNoticeTable } from "./schema/notices.ts";
import type {
  OutboxTable,
  MailSuppressionTable,
  OutboxAttemptTable,
  CaughtMailTable,
  MailStopTable,
} from "./schema/outbox.ts";
import type {
  ApiKeyTable,
  ApiRequestTable,
  UserTable,
  SessionTable,
  AccountTable,
  VerificationTable,
  OrganizationTable,
  MemberTable,
  InvitationTable,
} from "./schema/access.ts";
import type { SettingTable, JobTurnTable } from "./schema/jobs.ts";

/** Flags are nullable instants, money is an integer, instants and JSON are text, ids are made in code. */
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
  missing_invoices: MissingInvoiceTable;
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
