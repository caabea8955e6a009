import { type ActionFunctionArgs, redirect } from "@remix-run/node";

export function loader() {
  return redirect("/");
}

export async function action({ request, context }: ActionFunctionArgs) {
  // Pages that the browser keeps for its Back button go with the session.
  const headers = new Headers({ "clear-site-data": '"cache", "storage"' });
  for (const cookie of await context.auth.signOut(request.headers)) {
    headers.append("set-cookie", cookie);
  }
  return redirect("/sign-in", { headers });
}
