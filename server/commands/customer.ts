import type { Command } from "commander";
import { listCustomers } from "#db/queries/customers.ts";
import { InviteForm, inviteUser } from "#server/people/invite-user.ts";
import { listRecords } from "#db/queries/records.ts";
import { createCustomer, CustomerForm } from "#server/customers/create-customer.ts";
import { linkRecord, requireRecord } from "#server/customers/link-record.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";
import { table } from "./say.ts";

interface InviteOptions {
  customer?: string;
  create?: string;
  record?: string[];
  email: string;
  name: string;
  role: string;
}

/** `customer list|invite`: the companies that sign in, and the first person of one. */
export function addCustomerCommands(program: Command, run: Run): void {
  const customer = program.command("customer").description("the companies that sign in");
  customer
    .command("list")
    .description("every customer with how many people and customer records it has")
    .option("--search <text>", "part of the name")
    .action(({ search }: { search?: string }) =>
      run(async ({ db }) => {
        const data = await listCustomers(db, { search, limit: 1000 });
        const none =
          search === undefined ? "There is no customer yet" : `No customer is named ${search}`;
        return { data, text: table(data, none) };
      }),
    );
  customer
    .command("invite")
    .description("invite a person to a customer, or to a new one")
    .option("--customer <id>", "an id of `customer list`")
    .option("--create <name>", "make a customer of this name first")
    .option("--record <id...>", "customer records to give to it")
    .requiredOption("--email <address>")
    .requiredOption("--name <name>")
    .option("--role <role>", "owner, admin or member", "member")
    .action((options: InviteOptions) =>
      run((portal) => invite(portal, options), { makesDatabase: true }),
    );
  customer
    .command("records")
    .description(
      "what each connection calls a customer, newest first; --record of `invite` takes the id",
    )
    .option("--search <text>", "part of the name or of the system's own id")
    .action(({ search }: { search?: string }) =>
      run(async ({ db }) => {
        const data = await listRecords(db, { search, limit: 1000 });
        return { data, text: table(data, "No system has named a customer yet") };
      }),
    );
}

async function invite(portal: Portal, options: InviteOptions) {
  const form = readInput(InviteForm, options);
  if ((options.customer === undefined) === (options.create === undefined)) {
    throw new RequestError(
      422,
      "Say which customer: --customer ID, or --create NAME for a new one",
    );
  }
  // Before anything is made: whoever tries again would otherwise make the customer again.
  for (const record of options.record ?? []) await requireRecord(portal, record);
  const customerId =
    options.create === undefined
      ? (options.customer ?? "")
      : await createCustomer(
          portal,
          commandLine,
          readInput(CustomerForm, { do: "create", name: options.create }),
        );
  for (const record of options.record ?? []) {
    await linkRecord(portal, commandLine, { record, customer: customerId });
  }
  const inviter = { userId: null, name: "The administrator" };
  const id = await inviteUser(portal, {
    ...form,
    customerId,
    source: commandLine,
    inviter,
    side: "supplier",
  });
  const data = { id, customer: customerId, email: form.email, role: form.role };
  return { data, text: `${form.email} is invited to ${customerId}; the mail is on its way` };
}
