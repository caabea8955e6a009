import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { Block } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";

interface Run {
  id: string;
  since: string;
  began_at: string;
  ended_at: string | null;
  error: string | null;
  read: number;
  differed: number;
  rejected: number;
}

/** What the hourly reading of a system found, the newest first. */
export function Reconciliation({ runs }: { runs: readonly Run[] }) {
  return (
    <Block title="Reconciliation" note="Read every hour, beside what it sends">
      {runs.length === 0 ? (
        <p className="small faint">It was not read yet.</p>
      ) : (
        <LedgerTable caption="The last reconciliations" plain stacked>
          <thead>
            <tr>
              <Th>Began</Th>
              <Th numeric>Read</Th>
              <Th numeric>Differed</Th>
              <Th>Result</Th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <Row key={run.id}>
                <Td>
                  <When at={run.began_at} form="second" />
                </Td>
                <Td numeric label="Read">
                  {run.read.toLocaleString("en-GB")}
                </Td>
                <Td numeric label="Differed">
                  {run.differed.toLocaleString("en-GB")}
                </Td>
                <Td phone="full">
                  <Result run={run} />
                </Td>
              </Row>
            ))}
          </tbody>
        </LedgerTable>
      )}
    </Block>
  );
}

function Result({ run }: { run: Run }) {
  return (
    <>
      <Outcome run={run} />
      {run.rejected === 0 ? null : (
        <span className="late"> {run.rejected.toLocaleString("en-GB")} could not be used</span>
      )}
    </>
  );
}

function Outcome({ run: { ended_at, error, since, differed } }: { run: Run }) {
  if (ended_at === null) {
    if (error === null) return <>Under way</>;
    return <span className="late">Stopped, and goes on from there: {error}</span>;
  }
  if (since.startsWith("1970")) return <>Everything was read, nobody was mailed</>;
  return differed === 0 ? <>Nothing differed</> : <>Put right, see the audit trail</>;
}
