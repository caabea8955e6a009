import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { livePath } from "#server/live/path.ts";
import { startChild } from "./child.ts";
import { median, noBar, type Plan, type Row } from "./row.ts";

const customers = 50;
const sockets = 1_000;
const events = 2_000;
const Reader = z.object({ cookie: z.string(), customer: z.string(), person: z.string() });
const Ready = z.object({ url: z.string(), readers: z.array(Reader) });

/** Messages a second to open pages after a commit, as part of what socket.io alone sends to rooms. */
export async function run({ runs }: Plan): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-fan-out-"));
  using portal = startChild("fan-out-server", [folder, String(customers)]);
  using bare = startChild("bare-sockets", [String(customers)]);
  const { url, readers } = Ready.parse(JSON.parse(await portal.read()));
  const rooms = Array.from({ length: customers }, (_, room) => ({
    cookie: `room=${room}`,
    customer: "",
    person: "",
  }));
  const bareUrl = `http://127.0.0.1:${await bare.read()}`;
  using ourPages = startChild("socket-clients", [clientsOf(url, livePath, readers)]);
  await ourPages.read();
  using barePages = startChild("socket-clients", [clientsOf(bareUrl, "/live", rooms)]);
  await barePages.read();
  const messages = (events * sockets) / customers;
  const perSecond = async (server: typeof portal, pages: typeof ourPages) => {
    const all = pages.ask(String(messages));
    const started = performance.now();
    server.tell(String(events));
    await all;
    return messages / ((performance.now() - started) / 1000);
  };
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= runs; round++) {
    const rates = [await perSecond(portal, ourPages), await perSecond(bare, barePages)] as const;
    // The first round warms both up.
    if (round === 0) continue;
    ours.push(rates[0]);
    theirs.push(rates[1]);
  }
  await rm(folder, { recursive: true });
  const value = median(ours.map((rate, at) => rate / (theirs[at] ?? rate)));
  const note = `median of ${runs} interleaved runs of ${messages} messages to ${sockets} sockets in ${customers} customers`;
  return [
    { name: "live fan-out / bare socket.io", value, unit: "", note, ...noBar },
    { name: "live fan-out, messages", value: median(ours), unit: "/s", note, ...noBar },
  ];
}

function clientsOf(url: string, path: string, readers: z.infer<typeof Reader>[]): string {
  return JSON.stringify({ url, path, sockets, readers });
}
