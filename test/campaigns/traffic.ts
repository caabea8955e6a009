import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { Random } from "#demo/random.ts";
import { createMessages, linkedCustomers, type Told } from "./messages.ts";
import { standardHeaders } from "./sign.ts";

const Found = z.object({ data: z.array(z.object({ id: z.string() })) });

/** A dispute that a customer's program opens, once per invoice. */
export interface Asked {
  number: string;
  acknowledged: boolean;
}

interface Answered {
  status: number;
  body: string;
  /** Our port of the connection, and the how manieth success it carried: names the answer in a record. */
  port: number;
  success: number;
}

export type Traffic = ReturnType<typeof createTraffic>;

interface Options {
  random: Random;
  /** The time by the portal's clock. */
  now: () => Date;
  apiKey: string;
}

const mostConnections = 16;
/** A signature older or newer than this may be refused, less a second for rounding. */
const toleranceMs = 299_000;
const usual = [200, 201, 204, 404, 409, 429, 503];

/** The systems and programs around a portal: what they send, and what they were answered. */
export function createTraffic({ random, now, apiKey }: Options) {
  const messages = createMessages(random, now);
  const told: Told[] = [];
  const asked: Asked[] = [];
  /** Answers that are neither success nor "come back later". */
  const odd: string[] = [];
  /** Statuses with which the API may fail while its disk does. */
  const tolerated = new Set<number>();
  const successes = new Map<string, number>();
  let agent = new Agent({ keepAlive: true, maxSockets: mostConnections });
  let life = 0;
  let url = "";

  /** Null: the connection broke, so that nobody knows. */
  function send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | Buffer = "",
  ) {
    return new Promise<Answered | null>((resolve) => {
      const sent = request(url + path, { method, headers, agent }, (answer) => {
        const port = answer.socket.localPort ?? 0;
        const status = answer.statusCode ?? 0;
        const key = `${life}:${port}`;
        if (status < 300) successes.set(key, (successes.get(key) ?? 0) + 1);
        const success = successes.get(key) ?? 0;
        text(answer).then(
          (said) => resolve({ status, body: said, port, success }),
          () => resolve(null),
        );
      });
      sent.on("error", () => resolve(null));
      sent.end(body);
    });
  }

  function remember(what: string, answer: Answered | null, mayFail = tolerated): void {
    if (answer && !usual.includes(answer.status) && !mayFail.has(answer.status)) {
      odd.push(`${what} was answered ${answer.status}: ${answer.body.slice(0, 200)}`);
    }
  }

  async function deliver(message: Told): Promise<Answered | null> {
    const { id, body } = message;
    const sentAt = now();
    const headers = standardHeaders({ id, sentAt, body });
    const startedAt = performance.now();
    const answer = await send("POST", "/webhooks/erp", headers, body);
    const jumpedMs = now().getTime() - sentAt.getTime() - (performance.now() - startedAt);
    // A signature that was made just before the clock jumps is too old or too new just after it.
    remember(id, answer, new Set(Math.abs(jumpedMs) > toleranceMs ? [401] : []));
    if (answer?.status === 204) message.acknowledged = true;
    return answer;
  }

  /** A new message mostly; else one that was not answered with success, or, as systems do, one that was. */
  function pick(): Told {
    const chance = random.next();
    if (chance < 0.15 && told.length > 0) {
      const open = told.filter(({ acknowledged }) => !acknowledged);
      return random.pick(chance < 0.1 && open.length > 0 ? open : told.slice(-500));
    }
    const message = messages.next();
    told.push(message);
    return message;
  }

  const authorization = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };

  async function openDispute({ number, ...rest }: Asked): Promise<boolean> {
    const found = await send("GET", `/api/v1/invoices?number=${number}`, authorization);
    remember(`the search for ${number}`, found);
    const [invoice] = found?.status === 200 ? Found.parse(JSON.parse(found.body)).data : [];
    if (!invoice) return rest.acknowledged;
    const body = JSON.stringify({ reason: "price_incorrect", message: `About ${number}` });
    const answer = await send(
      "POST",
      `/api/v1/invoices/${invoice.id}/disputes`,
      authorization,
      body,
    );
    remember(`the dispute about ${number}`, answer);
    // 409: an earlier try that nobody answered had opened it.
    return answer?.status === 201 || answer?.status === 409;
  }

  return {
    told,
    asked,
    odd,
    tolerated,
    messages,
    send,
    /** A new start of the portal, at another address. */
    reach(address: string): void {
      agent.destroy();
      agent = new Agent({ keepAlive: true, maxSockets: mostConnections });
      url = address;
      life += 1;
    },
    life: () => life,
    deliver,
    /** Sends one new message. Gives whether it was acknowledged. */
    async deliverOne(): Promise<boolean> {
      const message = messages.newInvoice();
      told.push(message);
      await deliver(message);
      return message.acknowledged;
    },
    /** Sends messages, so many at a time, until the signal. */
    async flow(signal: AbortSignal, atOnce = 8, onAnswer?: (told: Told, answer: Answered) => void) {
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          while (!signal.aborted) {
            const message = pick();
            const answer = await deliver(message);
            if (answer) onAnswer?.(message, answer);
            else if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
          }
        }),
      );
    },
    /** Load for so long, then so many disputes while it goes on. */
    async wave({
      seconds,
      disputes,
      atOnce,
    }: {
      seconds: number;
      disputes: number;
      atOnce: number;
    }) {
      const stopping = new AbortController();
      const flowing = this.flow(stopping.signal, atOnce);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      await this.dispute(stopping.signal, disputes);
      stopping.abort();
      await flowing;
    },
    /** Opens disputes about invoices of the first customer, one after the other, until the signal. */
    async dispute(signal: AbortSignal, most: number): Promise<void> {
      for (let opened = 0; opened < most && !signal.aborted; opened++) {
        const open = asked.find(({ acknowledged }) => !acknowledged) ?? newlyAsked();
        if (!open) return;
        open.acknowledged = await openDispute(open);
      }
    },
    /** Sends everything again that was not answered with success. Gives how much is still not. */
    async settle(): Promise<number> {
      for (const message of told) if (!message.acknowledged) await deliver(message);
      for (const open of asked) if (!open.acknowledged) open.acknowledged = await openDispute(open);
      return [...told, ...asked].filter(({ acknowledged }) => !acknowledged).length;
    },
    close: () => agent.destroy(),
  };

  function newlyAsked(): Asked | undefined {
    const known = new Set(asked.map(({ number }) => number));
    const acknowledged = new Set(
      told.flatMap((each) =>
        each.acknowledged && each.payment === undefined ? [each.number] : [],
      ),
    );
    const invoice = messages.invoices.find(
      ({ number, customer }) =>
        customer === linkedCustomers[0] && !known.has(number) && acknowledged.has(number),
    );
    if (!invoice) return undefined;
    const open = { number: invoice.number, acknowledged: false };
    asked.push(open);
    return open;
  }
}
