import { Link } from "@remix-run/react";
import { AskFirst } from "#app/ui/ask-first.tsx";
import { HealthMark } from "./health-mark.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/ui/ledger-table.tsx";
import { Block } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";
import type { Health } from "#app/words/words.ts";

interface Organisation {
  id: string;
  name: string;
  account: string | null;
  health: Health;
  last_delivery_at: string | null;
  grant_id: string | null;
  broken_at: string | null;
  fault: string | null;
}

/** The organisations of a vendor's app, each a connection of its own, and the way to one more. */
export function Organisations({
  app,
  rows,
  mayConnect,
}: {
  app: string;
  rows: readonly Organisation[];
  mayConnect: boolean;
}) {
  return (
    <Block title="Organisations" note="Each is read and told by a connection of its own">
      {rows.length === 0 ? (
        <p className="small soft">
          None yet. Somebody who may sign in to the organisation there connects it.
        </p>
      ) : (
        <LedgerTable caption="Organisations" plain stacked>
          <thead>
            <tr>
              <Th>Organisation</Th>
              <Th>Health</Th>
              <Th numeric>Last delivery</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.id}>
                <Td phone="full">
                  <RowLink to={`/finance/connections/${row.id}`}>{row.name}</RowLink>
                  <small>{row.account}</small>
                </Td>
                <Td>
                  <HealthMark health={row.health} />
                  <small>{whyLost(row)}</small>
                </Td>
                <Td numeric label="Last delivery">
                  {row.last_delivery_at === null ? (
                    "–"
                  ) : (
                    <When at={row.last_delivery_at} form="second" />
                  )}
                </Td>
              </Row>
            ))}
          </tbody>
        </LedgerTable>
      )}
      {mayConnect ? (
        <ConnectLink app={app} look="main">
          Connect an organisation
        </ConnectLink>
      ) : null}
    </Block>
  );
}

/** How the portal is let in to one organisation, and the way to mend or end it. */
export function Access({
  organisation,
  app,
  mayConnect,
  mayRemove,
}: {
  organisation: Organisation;
  app: { id: string; name: string };
  mayConnect: boolean;
  mayRemove: boolean;
}) {
  const lost = whyLost(organisation);
  return (
    <Block title="Access">
      <p className="small soft">
        What happens there comes to the app{" "}
        <Link to={`/finance/connections/${app.id}`}>{app.name}</Link>, for account{" "}
        <span className="mono">{organisation.account}</span>.
      </p>
      {lost === null ? null : <p className="small late">{lost}</p>}
      {mayConnect ? (
        <ConnectLink app={app.id} look={lost === null ? "plain" : "main"}>
          {organisation.grant_id === null ? "Connect it" : "Connect it anew"}
        </ConnectLink>
      ) : null}
      {mayRemove ? (
        <AskFirst
          label="Remove this organisation"
          question="Its settings and the access to it go. Its invoices and their history stay."
          sure="Remove it"
          fields={{ do: "remove" }}
        />
      ) : null}
    </Block>
  );
}

/** Leaves the portal, so it is a plain link: no form may lead to another address. */
function ConnectLink({
  app,
  look,
  children,
}: {
  app: string;
  look: "main" | "plain";
  children: string;
}) {
  return (
    <p className="case__take">
      <a
        className={look === "main" ? "btn btn--main" : "btn"}
        href={`/finance/connections/${app}/connect`}
      >
        {children}
      </a>
    </p>
  );
}

function whyLost({ health, broken_at, grant_id, fault }: Organisation): string | null {
  if (health !== "lost") return null;
  if (grant_id === null) return "Nobody has connected it yet.";
  if (broken_at === null) return null;
  return `The vendor ended the portal's access: ${fault ?? "it did not say why"}.`;
}
