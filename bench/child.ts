import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { startFlags } from "./start-flags.ts";

/** One of the bundled processes, started on its own, whose lines of output are read one by one. */
export function startChild(name: string, values: string[]) {
  const file = `build/bench/${name}.js`;
  const child = spawn(process.execPath, [...startFlags, file, ...values], {
    stdio: ["pipe", "pipe", "inherit"],
    // React and Remix are several times slower otherwise.
    env: { ...process.env, NODE_ENV: "production" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${file} ended without an answer`);
    return value;
  };
  return {
    read,
    pid: child.pid,
    /** Sends a line that nothing answers. */
    tell: (line: string) => void child.stdin.write(`${line}\n`),
    /** Sends a line and gives the line that answers it. */
    ask(line: string): Promise<string> {
      child.stdin.write(`${line}\n`);
      return read();
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}
