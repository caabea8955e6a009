import { Form } from "@remix-run/react";
import { Button } from "#app/ui/button.tsx";
import { Block } from "#app/ui/page.tsx";
import { StatusShape } from "#app/ui/status-mark.tsx";
import { When } from "#app/ui/when.tsx";

type Verification =
  | { state: "running"; startedAt: string; checked: number }
  | { state: "failed"; startedAt: string }
  | {
      state: "done";
      startedAt: string;
      endedAt: string;
      ok: boolean;
      events: number;
      chains: number;
      checkpoints: number;
      firstBad: { sequence: number; through?: number | undefined; reason: string } | null;
    };

/** The button that verifies the whole ledger, how far that is, and what it found. */
export function LedgerVerdict({ verification }: { verification: Verification | null }) {
  const isRunning = verification?.state === "running";
  return (
    <Block
      title="Is the record unchanged?"
      note="Every hash is computed again from the stored events"
    >
      <div role="status">
        <Words verification={verification} />
      </div>
      <Form method="post" className="case__take">
        <input type="hidden" name="do" value="verify" />
        <Button disabled={isRunning}>{isRunning ? "Verifying" : "Verify the ledger"}</Button>
      </Form>
    </Block>
  );
}

function Words({ verification }: { verification: Verification | null }) {
  if (verification === null)
    return <p className="small soft">Not verified since the portal started.</p>;
  if (verification.state === "running") {
    return <p className="small">{verification.checked.toLocaleString("en-GB")} events so far.</p>;
  }
  if (verification.state === "failed") {
    return (
      <p className="small late">It could not be read to its end. The fault was written down.</p>
    );
  }
  const { ok, events, chains, checkpoints, firstBad, endedAt } = verification;
  const { sequence = 0, through = sequence, reason } = firstBad ?? {};
  const where =
    through > sequence ? `One of events ${sequence} to ${through}` : `Event ${sequence}`;
  return (
    <>
      <p className={ok ? "verdict money" : "verdict late"}>
        <StatusShape status={ok ? "paid" : "overdue"} />
        {ok ? "Unchanged" : `${where} is not what was recorded`}
      </p>
      <p className="small soft">
        {ok ? null : <>Found: {reason}. </>}
        {events.toLocaleString("en-GB")} events in {chains.toLocaleString("en-GB")} chains and{" "}
        {checkpoints.toLocaleString("en-GB")} checkpoints, verified{" "}
        <When at={endedAt} form="second" zone />
      </p>
    </>
  );
}
