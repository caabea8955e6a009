import { runCommand } from "./commands/program.ts";

// Copies and exports hold customers' data: they are for the user who made them.
process.umask(0o077);
process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
