import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, type Random } from "#demo/random.ts";
import { type Book, openBook } from "./book.ts";
import { type Erp, startErp } from "./erp.ts";
import { type Faults, openFaults } from "./native.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type Running, startRunning, type Start } from "./running.ts";
import { type ConnectionInput, setUp } from "./set-up.ts";
import { webhookSecret } from "./sign.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

const writeBackSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** A portal's data folder and all that is around it: its ERP, its mail relay, its systems' traffic. */
export interface World {
  folder: string;
  book: Book;
  start: Start;
  random: Random;
  faults: Faults;
  relay: Relay;
  erp: Erp;
  traffic: Traffic;
  /** Starts the portal; the traffic goes to it once it listens. */
  open(): Promise<Running>;
  close(): Promise<void>;
}

interface Options {
  built: string;
  seed: number;
  /** Where the data folder is made; the system's temporary folder otherwise. */
  inside?: string;
  /** A PostgreSQL server for its database; in the data folder otherwise. */
  server?: string | undefined;
  /** Beside the ERP's. */
  connections?: ConnectionInput[];
}

/** Makes a data folder by the portal's own code, and starts what is around it. */
export async function openWorld(options: Options): Promise<World> {
  const folder = mkdtempSync(join(options.inside ?? tmpdir(), "campaign-"));
  const book = await openBook(folder, options.server);
  const random = createRandom(options.seed);
  const faults = openFaults(folder);
  const relay = await startRelay();
  const erp = await startErp(faults.now);
  const connections = [connectionTo(erp), ...(options.connections ?? [])];
  const apiKey = await setUp(folder, connections, book.environment);
  const traffic = createTraffic({ random, now: faults.now, apiKey });
  erp.state.invoice = traffic.messages.find;
  // Each event's mail is looked for by itself.
  const mail = { SMTP_URL: relay.url, MAIL_PAUSE_SECONDS: "0" };
  const environment = { ...faults.environment, ...book.environment, ...mail };
  const start: Start = { built: options.built, folder, environment };
  return {
    ...{ folder, book, start, random, faults, relay, erp, traffic },
    async open() {
      const running = startRunning(start);
      relay.state.life = traffic.life() + 1;
      traffic.reach(await running.listens);
      return running;
    },
    async close() {
      traffic.close();
      await relay.close();
      await erp.close();
      faults.close();
      await book.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function connectionTo({ url }: Erp): ConnectionInput {
  const oauth = { tokenUrl: `${url}/token`, clientId: "portal" };
  return {
    id: "erp",
    system: "standard-webhooks",
    settings: { writeBackUrl: `${url}/write-back`, fetchUrl: url, ...oauth },
    secrets: { webhookSecret, writeBackSecret, clientSecret: "the portal's" },
  };
}
