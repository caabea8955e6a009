import { type Listed, listed } from "./bind.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { stripe } from "./stripe.ts";

/** Every system that can be connected, by the slug that settings and commands use. */
export const connectors: ReadonlyMap<string, Listed> = new Map([
  ["standard-webhooks", listed(standardWebhooks)],
  ["stripe", listed(stripe)],
]);
