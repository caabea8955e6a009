import { Form, Link } from "@remix-run/react";
import { Button } from "#app/ui/button.tsx";
import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { Block } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";

interface Checkpoint {
  size: number;
  createdAt: string;
  root: string;
}

/** The newest checkpoints to download, the key that they are signed with, and a button for one more. */
export function Checkpoints({
  checkpoints,
  publicKey,
  mayMake,
}: {
  checkpoints: Checkpoint[];
  publicKey: string | null;
  mayMake: boolean;
}) {
  return (
    <Block title="Checkpoints" note="Signed; kept elsewhere, they show a cut or rewritten ledger">
      {checkpoints.length === 0 ? (
        <p className="small soft">None yet. The first is made within an hour, then one each day.</p>
      ) : (
        <Newest checkpoints={checkpoints} />
      )}
      {publicKey === null ? null : (
        <p className="small soft">
          Public key <span className="mono tiny breakable">{publicKey}</span>
        </p>
      )}
      {mayMake ? (
        <Form method="post" className="case__take">
          <input type="hidden" name="do" value="checkpoint" />
          <Button>Make a checkpoint now</Button>
        </Form>
      ) : null}
    </Block>
  );
}

function Newest({ checkpoints }: { checkpoints: Checkpoint[] }) {
  return (
    <LedgerTable caption="Checkpoints, newest first" plain stacked>
      <thead>
        <tr>
          <Th numeric>Event</Th>
          <Th>Made</Th>
          <Th>Root</Th>
          <Th>File</Th>
        </tr>
      </thead>
      <tbody>
        {checkpoints.map(({ size, createdAt, root }) => (
          <Row key={size}>
            <Td numeric phone="lead">
              {size.toLocaleString("en-GB")}
            </Td>
            <Td>
              <When at={createdAt} form="second" zone />
            </Td>
            <Td phone="hidden" tone="faint">
              <span className="mono tiny">{root}</span>
            </Td>
            <Td>
              <Link to={`/finance/audit/checkpoints/${size}`} reloadDocument>
                Download
              </Link>
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}
