import type { Command } from "commander";

/** What `--help` shows below the options of each command: how it is really typed. */
const examples: Record<string, readonly string[]> = {
  "connection list": ["connection list", "connection list --json"],
  "connection add": [
    `connection add --id erp --system standard-webhooks --secrets '{"webhookSecret":"env:ERP_SECRET"}'`,
    `connection add --id stripe --system stripe --secrets '{"webhookSecret":"env:STRIPE_SECRET"}' --receives-disputes`,
  ],
  "connection apply": ["connection apply connections.json"],
  "connection test": ["connection test erp"],
  "connection remove": ["connection remove erp"],
  "connector list": ["connector list", "connector list --json"],
  "connector try": [
    `connector try stripe --secrets '{"webhookSecret":"whsec_…"}' --headers headers.txt --body body.json --at 2026-11-20T10:00:00.000Z`,
    "connector try standard-webhooks --connection erp --headers headers.txt --body - < body.json",
  ],
  "customer list": ["customer list --search meridian"],
  "customer invite": [
    `customer invite --create "Meridian Façades" --record crc_01kaf3mz7w --email ines@meridian.example --name "Ines de Wolf" --role owner`,
    `customer invite --customer cus_01kaf3mz81 --email jan@meridian.example --name "Jan Smit"`,
  ],
  "customer records": ["customer records --search meridian"],
  "staff add": [`staff add --email ann@kestrel.example --name "Ann Visser" --role administrator`],
  "login-link": ["login-link --email ann@kestrel.example"],
  "api-key create": [
    `api-key create --name "Data warehouse" --role auditor --expires 2027-12-31`,
    `api-key create --name "Meridian's ERP" --customer cus_01kaf3mz81 --json`,
  ],
  "api-key list": ["api-key list"],
  "api-key revoke": ["api-key revoke key_01kafq0d4s"],
  "delivery list": ["delivery list --connection erp --state dead"],
  "delivery show": ["delivery show 1207"],
  "delivery dismiss": [`delivery dismiss 1207 --reason "a first test of theirs"`],
  "delivery replay": ["delivery replay 1207"],
  "outbox list": ["outbox list --view person"],
  "outbox retry": ["outbox retry obx_01kafpc3q8"],
  "outbox refused": ["outbox refused"],
  "outbox release": ["outbox release ines@meridian.example", "outbox release --all"],
  "ledger verify": ["ledger verify"],
  "ledger export": [
    "ledger export --to ledger.jsonl",
    "ledger export --to paid.csv --format csv --type payment.received",
  ],
  "ledger rebuild": ["ledger rebuild"],
  "ledger checkpoint": ["ledger checkpoint"],
  "ledger proof": ["ledger proof --invoice INV-2026-0042 --to inv-0042.proof.json"],
  backup: ["backup", "backup --to /backups/portal.db"],
  reconcile: ["reconcile", "reconcile --connection erp"],
  simulate: ["simulate", "simulate standard-webhooks issued --count 3"],
  doctor: ["doctor", "doctor --json"],
};

/** Gives the last commands of a tree, each with its whole name. */
export function leavesOf(command: Command, above = ""): { name: string; command: Command }[] {
  return command.commands.flatMap((each) => {
    const name = `${above} ${each.name()}`.trim();
    return each.commands.length > 0 ? leavesOf(each, name) : [{ name, command: each }];
  });
}

/** Lets the help of every command end with examples. */
export function addExamples(program: Command): void {
  for (const { name, command } of leavesOf(program)) {
    const lines = (examples[name] ?? []).map((line) => `  npm run -s portal -- ${line}`);
    if (lines.length > 0) command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  }
}
