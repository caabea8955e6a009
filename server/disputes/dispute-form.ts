import { z } from "zod";
import type { Context } from "#server/context.ts";
import { addNote, NoteForm } from "./add-note.ts";
import type { Actor } from "#server/people/actor.ts";
import { answerDispute, AnswerForm } from "./answer-dispute.ts";
import { askCustomer, AskForm } from "./ask-customer.ts";
import { rejectDispute, RejectForm } from "./reject-dispute.ts";
import { reopenDispute, ReopenForm } from "./reopen-dispute.ts";
import { ResolveForm, resolveWithText } from "./resolve-dispute.ts";
import { assignDispute, GiveBackForm, TakeForm } from "./take-dispute.ts";

/** Everything that finance can do to a dispute on its page; `do` says what. */
export const DisputeForm = z.discriminatedUnion("do", [
  TakeForm,
  GiveBackForm,
  AskForm,
  AnswerForm,
  NoteForm,
  ResolveForm,
  RejectForm,
  ReopenForm,
]);

/** Does what the form says. `locale` is the person's, for reading the amount. */
export function doToDispute(
  context: Context,
  actor: Actor,
  { form, ...about }: { form: z.infer<typeof DisputeForm>; disputeId: string; locale: string },
): Promise<void> {
  switch (form.do) {
    case "take":
    case "give_back":
      return assignDispute(context, actor, { ...about, ...form });
    case "ask":
      return askCustomer(context, actor, { ...about, ...form });
    case "answer":
      return answerDispute(context, actor, { ...about, ...form });
    case "note":
      return addNote(context, actor, { ...about, ...form });
    case "resolve":
      return resolveWithText(context, actor, { ...about, ...form });
    case "reject":
      return rejectDispute(context, actor, { ...about, ...form });
    case "reopen":
      return reopenDispute(context, actor, { ...about, ...form });
  }
}
