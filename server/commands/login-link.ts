import type { Command } from "commander";
import { audit } from "#server/ledger/audit.ts";
import { findUser } from "#db/queries/people.ts";
import { linkSeconds } from "#server/access/asked.ts";
import { commandLine, type Run } from "./open.ts";

/** `login-link --email`: a way in when mail does not work; once, ten minutes, any browser, on record. */
export function addLoginLinkCommand(program: Command, run: Run): void {
  program
    .command("login-link")
    .description("a sign-in link for a known person: works once, for ten minutes, in any browser")
    .requiredOption("--email <address>")
    .action(({ email }: { email: string }) =>
      run(async (portal) => {
        const url = await portal.auth.createLink(email);
        const user = await findUser(portal.db, email);
        const subject = user?.id ?? "";
        const entry = { action: "login_link_created", subject, details: {} };
        await audit(portal, { source: commandLine, ...entry });
        return { data: { email, url, seconds: linkSeconds }, text: url };
      }),
    );
}
