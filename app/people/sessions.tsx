import { Form, useLocation } from "@remix-run/react";
import type { ownSessions } from "./own-sessions.server.ts";
import { Button } from "#app/ui/button.tsx";
import { When } from "#app/ui/when.tsx";

type OwnSession = Awaited<ReturnType<typeof ownSessions>>[number];

/** Where the person is signed in, and what ends it there; works without JavaScript. */
export function Sessions({ sessions }: { sessions: readonly OwnSession[] }) {
  const { pathname } = useLocation();
  return (
    <>
      <ul className="files">
        {sessions.map(({ id, browser, createdAt, usedAt, isThis }) => (
          <li key={id}>
            <span>
              {browser}
              {isThis ? ", this one" : null}
            </span>
            <span className="faint">
              since <When at={createdAt} form="minute" />, used <When at={usedAt} form="minute" />
            </span>
          </li>
        ))}
      </ul>
      <Form method="post" action="/sessions" reloadDocument className="row">
        <input type="hidden" name="to" value={pathname} />
        {sessions.length > 1 ? (
          <Button name="which" value="others">
            Sign out everywhere else
          </Button>
        ) : null}
        <Button name="which" value="all">
          Sign out everywhere
        </Button>
      </Form>
    </>
  );
}
