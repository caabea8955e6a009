import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData, useSearchParams } from "@remix-run/react";
import { useAnswer } from "#app/ui/answer.ts";
import { requireSession, requireStaff } from "#app/access/auth.server.ts";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { FormError } from "#app/ui/form.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { Sessions } from "#app/people/sessions.tsx";
import { ownSessions } from "#app/people/own-sessions.server.ts";
import { PreferencesFields } from "#app/people/preferences-form.tsx";
import { submit } from "#app/http/http.server.ts";
import { preferencesOf } from "#app/people/preferences.server.ts";
import { changePreferences, PreferencesForm } from "#server/people/change-preferences.ts";

export const meta = consoleTitle("Settings");

export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireStaff(request, context);
  const session = await requireSession(request, context);
  const preferences = await preferencesOf(context, session);
  return { email: session.email, preferences, sessions: await ownSessions(context, session) };
}

/** The person's own choices, so that an auditor may change them too. */
export async function action({ request, context }: ActionFunctionArgs) {
  await requireStaff(request, context);
  const session = await requireSession(request, context);
  return submit(request, PreferencesForm, async (form) => {
    await changePreferences(context, session, form);
    return redirect("/finance/settings?done=saved");
  });
}

export default function FinanceSettings() {
  const { email, preferences, sessions } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const [search] = useSearchParams();
  const saved = search.get("done") === "saved" && !refused;
  return (
    <>
      <WorkHead title="Settings" summary={email} still />
      <WorkBody>
        {saved ? <Notice tone="done" title="Your choice was saved." /> : null}
        {refused ? <FormError>{refused.message}</FormError> : null}
        <PreferencesFields {...preferences} errors={refused?.errors ?? {}} />
        <Block title="Where you are signed in" note="A session ends after 3 days without use">
          <Sessions sessions={sessions} />
        </Block>
      </WorkBody>
    </>
  );
}
