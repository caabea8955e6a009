import { createHmac } from "node:crypto";

const key = Buffer.alloc(32, "campaign");
export const webhookSecret = `whsec_${key.toString("base64")}`;
export const stripeSecret = "whsec_of_the_campaign";

interface Signed {
  id: string;
  sentAt: Date;
  body: string | Buffer;
}

/** The headers of Standard Webhooks for these very bytes. */
export function standardHeaders({ id, sentAt, body }: Signed): Record<string, string> {
  const seconds = String(Math.floor(sentAt.getTime() / 1000));
  const mac = createHmac("sha256", key).update(`${id}.${seconds}.`).update(body).digest("base64");
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": `v1,${mac}`,
  };
}

/** The header of Stripe for these very bytes. */
export function stripeHeaders({ sentAt, body }: Omit<Signed, "id">): Record<string, string> {
  const seconds = Math.floor(sentAt.getTime() / 1000);
  const mac = createHmac("sha256", stripeSecret).update(`${seconds}.`).update(body).digest("hex");
  return { "content-type": "application/json", "stripe-signature": `t=${seconds},v1=${mac}` };
}
