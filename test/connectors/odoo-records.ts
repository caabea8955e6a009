import { z } from "zod";

export type Row = Record<string, unknown> & { id: number };

const Condition = z.tuple([z.string(), z.enum(["=", "in", ">=", ">", "ilike"]), z.unknown()]);
const Domain = z.array(Condition);
const order = z.enum(["id asc", "id desc"]);
const fields = z.array(z.string()).min(1);
const ids = z.array(z.int().positive()).min(1);

/** What each method takes, by name; anything else is refused as Odoo does. */
export const methods = {
  "account.move/read": z.strictObject({ ids, fields }),
  "account.move/search_read": z.strictObject({
    ...{ domain: Domain, fields, order: order.optional(), limit: z.int().positive().optional() },
  }),
  "account.partial.reconcile/search_read": z.strictObject({
    ...{ domain: Domain, fields, order: order.optional(), limit: z.int().positive().optional() },
  }),
  "account.move.line/read": z.strictObject({ ids, fields }),
  "account.move.line/search_read": z.strictObject({ domain: Domain, fields }),
  "account.move/write": z.strictObject({ ids, vals: z.record(z.string(), z.unknown()) }),
  "account.move/message_post": z.strictObject({
    ids: ids.length(1),
    body: z.string().min(1),
    body_is_html: z.boolean().optional(),
    message_type: z.literal("comment"),
    subtype_xmlid: z.enum(["mail.mt_note", "mail.mt_comment"]),
  }),
  "account.move/activity_schedule": z.strictObject({
    ids: ids.length(1),
    act_type_xmlid: z.literal("mail.mail_activity_data_todo"),
    date_deadline: z.iso.date(),
    summary: z.string().min(1),
    note: z.string(),
    user_id: z.int().optional(),
  }),
  "account.move/action_toggle_block_payment": z.strictObject({ ids: ids.length(1) }),
  "mail.message/search_read": z.strictObject({
    ...{ domain: Domain, fields, order: order.optional(), limit: z.int().positive().optional() },
  }),
  "mail.activity/search_read": z.strictObject({ domain: Domain, fields }),
  "mail.activity/action_feedback": z.strictObject({ ids, feedback: z.string().min(1) }),
};

export type Method = keyof typeof methods;
export const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);

/** What an administrator makes for the portal. */
export const ownFields = [
  "x_portal_dispute_state",
  "x_portal_dispute_ref",
  "x_portal_promise_date",
];

/** An invoice of the kind that Odoo's API answers. */
export function moveRow(fields: Record<string, unknown> & { id: number }): Row {
  return {
    name: `INV/2026/${String(fields.id).padStart(5, "0")}`,
    move_type: "out_invoice",
    state: "posted",
    payment_state: "not_paid",
    invoice_date: "2026-11-02",
    invoice_date_due: "2026-12-02",
    partner_id: [45, "Müller Präzision GmbH, Einkauf"],
    commercial_partner_id: [44, "Müller Präzision GmbH"],
    currency_id: [1, "EUR"],
    company_id: [1, "Acme"],
    amount_total: 1150.0,
    amount_residual: 1150.0,
    ref: false,
    invoice_origin: "S00042",
    reversed_entry_id: false,
    write_date: "2026-11-10 15:02:11",
    ...fields,
  };
}

/** Whether a row meets one condition of a domain. */
export function holds(row: Row, [field, operator, value]: z.infer<typeof Condition>): boolean {
  const stored = row[field];
  const own = Array.isArray(stored) ? stored[0] : stored;
  if (operator === "=") return own === value;
  if (operator === "in") return Array.isArray(value) && value.includes(own);
  if (operator === "ilike") {
    return String(own).toLowerCase().includes(String(value).toLowerCase());
  }
  const [left, right] =
    typeof value === "number" ? [Number(own), value] : [String(own), String(value)];
  return operator === ">" ? left > right : left >= right;
}
