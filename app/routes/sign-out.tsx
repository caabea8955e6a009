import { type ActionFunctionArgs, redirect } from "@remix-run/node";

export function loader() {
  return redirect("/");
}

export async function action({ request, context }: ActionFunctionArgs) {
  const headers = new Headers();
  for (const cookie of await context.auth.signOut(request.headers)) {
    headers.append("set-cookie", cookie);
  }
  return redirect("/sign-in", { headers });
}
