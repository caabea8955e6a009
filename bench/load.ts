import { connect, type Socket } from "node:net";
import { z } from "zod";
import { Scheme, signedRequest } from "./messages.ts";

/** What one load run does. */
export const LoadPlan = z.object({
  port: z.int(),
  scheme: Scheme,
  path: z.string(),
  connections: z.int(),
  requests: z.int(),
  /** Ids and invoices count on from here, so that no run repeats another's. */
  from: z.int(),
  /** Requests a second; null: as fast as answers come. */
  perSecond: z.number().nullable(),
});
export type LoadPlan = z.infer<typeof LoadPlan>;

export const LoadResult = z.object({
  /** From the first request to the last answer; making the messages comes before. */
  seconds: z.number(),
  perSecond: z.number(),
  refused: z.int(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});
export type LoadResult = z.infer<typeof LoadResult>;

/**
 * Sends signed deliveries over keep-alive connections; each waits for its answer before the next.
 * `begin` is told when all are made and the first goes out.
 */
export async function load(plan: LoadPlan, begin: () => void): Promise<LoadResult> {
  const messages = Array.from({ length: plan.requests }, (_, index) =>
    signedRequest(plan.scheme, plan.path, plan.from + index),
  );
  const sockets = await Promise.all(
    Array.from({ length: plan.connections }, () => open(plan.port)),
  );
  begin();
  const started = performance.now();
  let next = 0;
  let refused = 0;
  const waits: number[] = [];
  const worker = async (socket: Socket): Promise<void> => {
    const exchange = exchanger(socket);
    for (let message = messages[next++]; message; message = messages[next++]) {
      await pace(plan, next, started);
      const sent = performance.now();
      if ((await exchange(message)) >= 300) refused++;
      waits.push(performance.now() - sent);
    }
    socket.destroy();
  };
  await Promise.all(sockets.map(worker));
  const seconds = (performance.now() - started) / 1000;
  waits.sort((a, b) => a - b);
  return {
    seconds,
    perSecond: plan.requests / seconds,
    refused,
    p50Ms: waits[waits.length >> 1] ?? 0,
    p99Ms: waits[Math.floor(waits.length * 0.99)] ?? 0,
  };
}

async function pace({ perSecond }: LoadPlan, index: number, started: number): Promise<void> {
  if (perSecond === null) return;
  const aheadMs = started + (index / perSecond) * 1000 - performance.now();
  if (aheadMs > 1) await new Promise((resolve) => setTimeout(resolve, aheadMs));
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Gives a function that sends one request and gives its answer's status. */
function exchanger(socket: Socket): (message: Buffer) => Promise<number> {
  let answer = "";
  let settle = { resolve: (_status: number) => {}, reject: (_error: Error) => {} };
  socket.on("close", () => settle.reject(new Error("The server closed the connection")));
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString("latin1");
    if (!isWhole(answer)) return;
    const status = Number(answer.slice(9, 12));
    answer = "";
    settle.resolve(status);
  });
  return (message) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      socket.write(message);
    });
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return false;
  if (/^transfer-encoding: chunked/im.test(answer)) return answer.endsWith("\r\n0\r\n\r\n");
  const [, length = "0"] = /^content-length: (\d+)/im.exec(answer) ?? [];
  return answer.length >= end + 4 + Number(length);
}
