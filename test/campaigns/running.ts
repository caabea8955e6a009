import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Start {
  /** Folder of the built portal. */
  built: string;
  /** DATA_DIR; holds connections.json. */
  folder: string;
  environment?: Record<string, string>;
}

export type Running = ReturnType<typeof startRunning>;

const startMs = 60_000;

/** The built portal as a process of its own, on a port that the system picks. */
export function startRunning(start: Start) {
  const child = spawn(process.execPath, [join(start.built, "main.js")], {
    stdio: ["ignore", "pipe", "pipe"],
    env: environmentOf(start),
  });
  let log = "";
  const keep = (line: string) => (log = `${log}${line}\n`.slice(-20_000));
  createInterface({ input: child.stderr }).on("line", keep);
  const lines = createInterface({ input: child.stdout });
  const listens = new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`It did not start:\n${log}`)), startMs);
    lines.on("line", (line) => {
      keep(line);
      const [, url] = /"url":"([^"]+)".*"the portal listens"/.exec(line) ?? [];
      if (url !== undefined) resolve(url.replace("localhost", "127.0.0.1"));
    });
    child.once("exit", (code, signal) =>
      reject(new Error(`It ended with ${code ?? signal} before it listened:\n${log}`)),
    );
    lines.once("close", () => clearTimeout(late));
  });
  // Who kills it at its start does not ask whether it listens.
  listens.catch(() => undefined);
  const ended = once(child, "exit").then(([code]: (number | null)[]) => code);
  return {
    /** Its address. Throws with its log when it ends before. */
    listens,
    /** Its exit code; null after a signal. */
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    log: () => log,
    async kill(): Promise<void> {
      child.kill("SIGKILL");
      await ended;
    },
    /** Asks it to stop, as the service manager does. Gives its exit code. */
    stop(): Promise<number | null | undefined> {
      child.kill("SIGTERM");
      return ended;
    },
    terminate: () => void child.kill("SIGTERM"),
  };
}

/** Runs `portal <args> --json` beside it. Throws with what it said when it failed. */
export function runCommand(start: Start, args: string[]): Promise<unknown> {
  const command = [join(start.built, "portal.js"), ...args, "--json"];
  return new Promise((resolve, reject) => {
    const options = { env: environmentOf(start), maxBuffer: 16 * 1024 * 1024 };
    execFile(process.execPath, command, options, (error, out, err) => {
      if (error) reject(new Error(`portal ${args.join(" ")}: ${err}${out}`));
      else resolve(JSON.parse(out));
    });
  });
}

function environmentOf({ folder, environment }: Start): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"] ?? "",
    NODE_ENV: "production",
    PORT: "0",
    PUBLIC_URL: "http://localhost:0",
    DATA_DIR: folder,
    CONNECTIONS_FILE: join(folder, "connections.json"),
    APP_SECRET: "a secret of the tests that is long enough",
    OUTBOUND_ALLOW: "127.0.0.0/8",
    LOG_LEVEL: "info",
    ...environment,
  };
}
