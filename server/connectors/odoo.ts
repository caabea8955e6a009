import { z } from "zod";
import type { Change } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import { defineConnector, type Delivery } from "./contract.ts";
import { readJson, readValue } from "./kit/json.ts";
import { acceptedAt, secretList, weakSecrets } from "./kit/secret-list.ts";
import { sameText } from "./kit/signature.ts";
import { messageId, requireStandardSignature } from "./kit/standard-signature.ts";
import { odooApi } from "./odoo/api.ts";
import { type Move, Notice, ownFields, Pushed, WriteDate } from "./odoo/objects.ts";
import { changedSince, fetchInvoice } from "./odoo/read.ts";
import { simulate } from "./odoo/simulate.ts";
import { pushedChanges, versionAt } from "./odoo/snapshot.ts";
import { findWritten, isTold, writeToInvoice } from "./odoo/write-back.ts";

const Settings = z
  .object({
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({ title: "Odoo's address", description: "https://acme.odoo.com: to read and write" }),
    database: z.string().min(1).optional().meta({
      title: "Database",
      description: "Needed for JSON-RPC; the add-on's messages from another one are refused",
    }),
    api: z.enum(["json-2", "json-rpc"]).optional().meta({
      title: "API",
      description: "json-2 (Odoo 19 and later) when empty; json-rpc for earlier versions",
    }),
    login: z.string().min(1).optional().meta({ title: "Login", description: "For JSON-RPC" }),
    company: z.int().positive().optional().meta({
      title: "Company",
      description: "Its id, where the database has several and one is meant",
    }),
    customFields: z.boolean().optional().meta({
      title: "Portal fields exist",
      description: "The three x_portal_ fields were made on Journal Entry",
    }),
    accountant: z.int().positive().optional().meta({
      title: "Accountant",
      description: "Id of the user who gets an activity for each dispute and promise",
    }),
    blocksPayment: z
      .boolean()
      .optional()
      .meta({ title: "Block payment", description: "Block it while disputed (Odoo 18 and later)" }),
  })
  .refine(({ api, database, login }) => api !== "json-rpc" || (database && login), {
    error: "JSON-RPC needs database and login",
    path: ["login"],
  });
type Settings = z.infer<typeof Settings>;

const Secret = z.string().min(16, "is shorter than 16 characters");
const Accepted = secretList(Secret);

const Secrets = z
  .object({
    webhookSecret: Accepted.optional().meta({
      title: "Signing secret",
      description:
        "Of the add-on; one a line while one is replaced, the old one as <secret> until <time>",
      usedAt: [],
    }),
    urlToken: Accepted.optional().meta({
      title: "Token in the address",
      description: "Of the automation rule; the signing secret when empty",
      usedAt: [],
    }),
    apiKey: z
      .string()
      .min(1)
      .optional()
      .meta({ title: "API key", description: "Of the user portal-bot: to read and write" }),
  })
  .refine(({ webhookSecret, urlToken }) => webhookSecret !== undefined || urlToken !== undefined, {
    error: "either webhookSecret or urlToken is needed",
    path: ["webhookSecret"],
  });
type Secrets = z.infer<typeof Secrets>;

/** Odoo: an automation rule that says which invoice to read, or our add-on that tells it, signed. */
export const odoo = defineConnector({
  name: "Odoo",
  kind: "erp",
  settings: Settings,
  secrets: Secrets,
  faults: (_settings, { webhookSecret, urlToken }) => weakSecrets({ webhookSecret, urlToken }),
  setUp: [
    "Make a user portal-bot with the right Billing; as that user: Preferences, Account Security, New API Key. Name it and Odoo's address here.",
    "Settings, developer mode on; Technical, Automation, Automation Rules, New: model Journal Entry, trigger On create and edit, when updating state, payment_state, amount_residual, amount_total, invoice_date_due, name, ref.",
    'Apply on [("move_type","in",["out_invoice","out_refund","out_receipt"]),("state","!=","draft")].',
    "Action Send Webhook Notification to {url}?token=<the token>; fields name, state, payment_state, move_type, amount_total, amount_residual, currency_id, invoice_date, invoice_date_due, partner_id, write_date.",
    "Better, where add-ons can be installed: portal_push, whose files __manifest__.py, __init__.py and models.py this portal serves under /odoo/portal_push/. Set the system parameters portal_push.url to {url} and portal_push.secret to the signing secret, and the action's URL to {url} as well.",
    "Recommended: Technical, Fields on Journal Entry: x_portal_dispute_state and x_portal_dispute_ref (char), x_portal_promise_date (date); then tick that they exist.",
  ],
  answersUnusable: false,
  accepted: { status: 200 },
  api: (settings, { apiKey }, http) => {
    const { url, api: protocol = "json-2", database, login } = settings;
    const canAsk = url !== undefined && apiKey !== undefined;
    return {
      api: odooApi(http, canAsk ? { url, protocol, database, login, apiKey } : null),
      company: settings.company,
      ownFields: settings.customFields ?? false,
      blocksPayment: settings.blocksPayment ?? false,
      accountant: settings.accountant,
    };
  },
  verify(delivery, secrets) {
    if (isSigned(delivery))
      requireStandardSignature(delivery, {
        secrets: acceptedAt(secrets.webhookSecret, delivery.receivedAt),
      });
    else requireToken(delivery, secrets);
  },
  dedupeKey(delivery) {
    if (isSigned(delivery)) return messageId(delivery.headers);
    const { _id, write_date } = readJson(Notice, delivery.body);
    return write_date ? `odoo:${_id}:${write_date}` : null;
  },
  parse(delivery, settings) {
    if (!isSigned(delivery)) return noticed(delivery);
    const { database, invoice } = readJson(Pushed, delivery.body);
    // A copy of the database for tests goes on sending where the original did.
    if (settings.database !== undefined && database !== settings.database) {
      const words = `This comes from the database ${database}, not ${settings.database}`;
      throw new RequestError(422, words);
    }
    return isOfCompany(invoice, settings) ? pushedChanges(invoice) : [];
  },
  simulate,
  canFetch: canAsk,
  fetch: fetchInvoice,
  // Odoo deletes drafts only, so what is missing was reset to a draft first and is asked for no more.
  whenMissing: "void",
  changedSince,
  canWriteBack: (event, settings, secrets) => isTold(event) && canAsk(settings, secrets),
  writeBack: writeToInvoice,
  findWriteBack: findWritten,
  async test({ api, ownFields: exist }) {
    const fields = ["name", ...(exist ? Object.values(ownFields) : [])];
    const domain = [["move_type", "=", "out_invoice"]];
    const asked = { domain, fields, order: "id desc", limit: 1 };
    const Names = z.array(z.object({ name: z.union([z.string(), z.literal(false)]) }));
    const [newest] = await api.ask("account.move", "search_read", asked, Names);
    return newest
      ? `Odoo answers; the newest invoice is ${newest.name || "a draft"}`
      : "Odoo answers; there is no invoice yet";
  },
});

/** Throws 422 where one company is meant and the add-on does not say whose invoice it is. */
function isOfCompany({ company: told }: Move, { company }: Settings): boolean {
  if (company === undefined) return true;
  if (told !== undefined) return told === String(company);
  throw new RequestError(
    422,
    "This portal_push does not tell the company; install the present one",
  );
}

function canAsk({ url }: Settings, { apiKey }: Secrets): boolean {
  return url !== undefined && apiKey !== undefined;
}

/** By the add-on; the built-in action can set no header. */
function isSigned({ headers }: Delivery): boolean {
  return headers.get("webhook-signature") !== null;
}

function requireToken({ query, receivedAt }: Delivery, { urlToken, webhookSecret }: Secrets): void {
  const given = new URLSearchParams(query).get("token") ?? "";
  const accepted = acceptedAt(urlToken ?? webhookSecret, receivedAt);
  if (accepted.some((token) => sameText(given, token))) return;
  throw new RequestError(401, "There is neither a signature nor the right token in the address");
}

/** Nothing of it is signed, so only which invoice it is about is believed. */
function noticed({ body }: Delivery): Change[] {
  const { _model, _id, write_date, move_type } = readJson(Notice, body);
  if (_model !== "account.move") return [];
  const invoice = { externalId: _id };
  if (!write_date || move_type === "out_refund") return [{ kind: "fetch", invoice }];
  const writtenAt = readValue(WriteDate, write_date, "write_date");
  return [{ kind: "fetch", invoice, version: versionAt(writtenAt) }];
}
