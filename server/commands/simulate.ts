import type { Command } from "commander";
import type { Connection } from "#server/connections/connections.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import type { Listed, Simulate } from "#server/connectors/bind.ts";
import type { SimulatedRequest } from "#server/connectors/contract.ts";
import { connectors } from "#server/connectors/index.ts";
import { readCount } from "./input.ts";
import type { Run } from "./open.ts";
import { short, table } from "./say.ts";

interface SimulateOptions {
  connection?: string;
  account?: string;
  count: string;
  seed?: string;
  url?: string;
  intoLedgerOf?: string;
}

/** `simulate [system] [scenario]`: without a scenario it says which ones there are. */
export function addSimulateCommand(program: Command, run: Run): void {
  program
    .command("simulate [system] [scenario]")
    .description("send a running portal what a system would send, in its format and signed")
    .option("--connection <id>", "which one, where several of the system are connected")
    .option("--account <id>", "which organisation, where an app speaks for many")
    .option("--count <number>", "how many invoices", "1")
    .option("--seed <number>", "invents the same invoice again")
    .option("--url <url>", "where the portal answers, if not at PUBLIC_URL")
    .option("--into-ledger-of <host>", "needed for a real portal: its host, typed again")
    .action((system: string | undefined, scenario: string | undefined, options: SimulateOptions) =>
      run(
        async (portal) => {
          if (scenario === undefined) return list(system);
          requireConsent(portal, options);
          return simulate(portal, { system: system ?? "", scenario, options });
        },
        { opensSecrets: true },
      ),
    );
}

/**
 * Invented invoices stay in a ledger for good, and their customers are mailed. Throws RequestError 409
 * unless the host of a real portal was typed again.
 */
function requireConsent({ config }: Portal, { url, intoLedgerOf }: SimulateOptions): void {
  const { host, hostname } = new URL(url ?? config.publicUrl);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if ((isLocal && !config.production) || intoLedgerOf === host) return;
  throw new RequestError(
    409,
    `This would write invented invoices into the ledger of ${host}, for good, and mail about them. ` +
      `If that is what you want, add --into-ledger-of ${host}`,
  );
}

function list(system: string | undefined) {
  const systems =
    system === undefined ? [...connectors] : [[system, requireSystem(system)] as const];
  const data = systems.flatMap(([slug, { scenarios }]) =>
    scenarios.map((scenario) => ({ system: slug, scenario })),
  );
  return { data, text: table(data, `Nothing can be simulated for ${system ?? "any system"}`) };
}

interface Asked {
  system: string;
  scenario: string;
  options: SimulateOptions;
}

async function simulate(portal: Portal, { system, scenario, options }: Asked) {
  const { scenarios } = requireSystem(system);
  if (!scenarios.includes(scenario)) {
    const known = scenarios.length > 0 ? `: choose ${scenarios.join(", ")}` : "";
    throw new RequestError(404, `${system} has no scenario ${scenario}${known}`);
  }
  const { id, build } = builderOf(portal, { system, scenario, options });
  const now = portal.clock();
  const first = options.seed === undefined ? seedOf(now) : readCount(options.seed);
  const address = `${(options.url ?? portal.config.publicUrl).replace(/\/$/, "")}/webhooks/${id}`;
  const account = options.account ?? organisationOf(portal, id);
  const sent: Sent[] = [];
  for (let seed = first; seed < first + readCount(options.count); seed += 1) {
    const requests = build({ now, seed, account });
    for (const request of requests)
      sent.push({ seed, ...(await send(address, request, scenario)) });
  }
  const ok = sent.every(({ status }) => status >= 200 && status <= 299);
  const data = { system, scenario, connection: id, seed: first, sent };
  return { data, text: `${table(sent, "Nothing was sent")}\nSeed ${first}`, ok };
}

/** Whose secrets sign it: the connection that was named, else the only one that receives. */
function builderOf({ connections }: Portal, { system, scenario, options }: Asked) {
  const { connection: asked } = options;
  const found = connections
    .list()
    .filter((each) => each.system === system && (asked === undefined || each.id === asked))
    .flatMap((each) => receiving(each, scenario));
  const [only] = found;
  if (!only) {
    const words =
      asked === undefined ? `No ${system} is connected` : `There is no ${system} ${asked}`;
    throw new RequestError(404, `${words}: see \`connection list\` and \`connection add\``);
  }
  if (found.length === 1) return only;
  const ids = found.map(({ id }) => id).join(", ");
  throw new RequestError(409, `Several are connected (${ids}): name one with --connection`);
}

/** An organisation of an app receives nothing itself. */
function receiving(
  { id, connector }: Connection,
  scenario: string,
): { id: string; build: Simulate }[] {
  const build = connector.simulations[scenario];
  return build ? [{ id, build }] : [];
}

/** Of an app: the first organisation that is connected; nobody's where there is none. */
function organisationOf({ connections }: Portal, app: string): string {
  return connections.list().find((each) => each.app === app)?.account ?? "";
}

type Sent = { seed: number; status: number; answer: string };

/** The header marks what comes of it as simulated, for good. */
async function send(
  address: string,
  { method, query, headers, body }: SimulatedRequest,
  scenario: string,
): Promise<Omit<Sent, "seed">> {
  try {
    const answer = await fetch(query === "" ? address : `${address}?${query}`, {
      method,
      headers: { ...headers, "portal-simulation": scenario },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
    });
    return { status: answer.status, answer: short(await answer.text()) };
  } catch (cause) {
    const words = `No portal answers at ${address}: start it, or say where it is with --url`;
    throw new UpstreamError(words, { cause });
  }
}

function requireSystem(system: string): Listed {
  const known = connectors.get(system);
  if (known) return known;
  const all = [...connectors.keys()].join(", ");
  throw new RequestError(404, `There is no system ${system}: choose ${all}`);
}

/** Another one each time, short enough to be typed again. */
function seedOf(now: Date): number {
  return Math.floor(now.getTime() / 1000) % 100_000_000;
}
