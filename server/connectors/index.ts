import { type Listed, listed, listedApp } from "./bind.ts";
import { odoo } from "./odoo.ts";
import { quickBooksOnline } from "./quickbooks-online.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { stripe } from "./stripe.ts";
import { xero } from "./xero.ts";

/** Every system that can be connected, by the slug that settings and commands use. */
export const connectors: ReadonlyMap<string, Listed> = new Map([
  ["standard-webhooks", listed(standardWebhooks)],
  ["stripe", listed(stripe)],
  ["odoo", listed(odoo)],
  ["xero", listedApp(xero)],
  ["quickbooks-online", listedApp(quickBooksOnline)],
]);
