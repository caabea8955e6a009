import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A TypeScript file run in a process of its own, whose lines of output are read one by one. */
export function startChild(file: string, values: string[]) {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...values], {
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
    /** Sends a line and gives the line that answers it. */
    ask(line: string): Promise<string> {
      child.stdin.write(`${line}\n`);
      return read();
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}
