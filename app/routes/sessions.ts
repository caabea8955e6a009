import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { requireSession } from "#app/access/auth.server.ts";
import { localPath, submit } from "#app/http/http.server.ts";
import { EndSessionsForm, endOtherSessions } from "#server/access/end-sessions.ts";

export function loader() {
  return redirect("/");
}

/** Ends the person's other sessions, and with `which=all` this one, too. */
export async function action({ request, context }: ActionFunctionArgs) {
  const session = await requireSession(request, context);
  return submit(request, EndSessionsForm, async ({ which, to }) => {
    await endOtherSessions(context, session);
    if (which === "others") return redirect(localPath(to));
    const headers = new Headers({ "clear-site-data": '"cache", "storage"' });
    for (const cookie of await context.auth.signOut(request.headers)) {
      headers.append("set-cookie", cookie);
    }
    return redirect("/sign-in", { headers });
  });
}
