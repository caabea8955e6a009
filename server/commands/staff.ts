import type { Command } from "commander";
import { addStaff, StaffForm } from "#server/people/add-staff.ts";
import { readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";

/** `staff add`: how the first administrator comes in. */
export function addStaffCommands(program: Command, run: Run): void {
  const staff = program.command("staff").description("the people who work for the supplier");
  staff
    .command("add")
    .description("add a person, or change the role of one")
    .requiredOption("--email <address>")
    .requiredOption("--name <name>")
    .option("--role <role>", "finance, administrator or auditor", "finance")
    .action((options: { email: string; name: string; role: string }) =>
      run(
        async (portal) => {
          const form = readInput(StaffForm, options);
          const id = await addStaff(portal, commandLine, form);
          const { email, name, role } = form;
          return {
            data: { id, email, name, role },
            text: `${name} is ${role} and signs in with ${email}`,
          };
        },
        { makesDatabase: true },
      ),
    );
}
