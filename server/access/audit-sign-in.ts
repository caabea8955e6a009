import { findUser } from "#db/queries/people.ts";
import { staffRoleOf } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { audited } from "#server/audit/audited.ts";

/** Writes to the ledger that one of the supplier's people came in; of customers' people nothing. */
export async function auditSignIn(context: Context, email: string): Promise<void> {
  const user = await findUser(context.db, email);
  const role = user && staffRoleOf(user);
  if (!user || !role) return;
  const source = { kind: "user", user: user.id } as const;
  const note = { source, action: "signed_in", subject: user.id, details: { role } };
  await audited(context, async () => ({ result: null, note }));
}
