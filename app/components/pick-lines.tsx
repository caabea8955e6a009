import { useId } from "react";
import type { Picked } from "#app/picked.ts";
import type { Line } from "#server/domain/change.ts";
import { LedgerTable, Th } from "./ledger-table.tsx";
import { Money } from "./money.tsx";

interface Refused {
  errors: Record<string, string>;
  values: Record<string, string>;
  lists: Record<string, string[]>;
}

/** The lines to tick, each with what the customer thinks correct; `picked` are the sums, once known. */
export function PickLines({
  currency,
  lines,
  picked,
  refused,
}: {
  currency: string;
  lines: readonly Line[];
  picked: Picked | null;
  refused: Refused | undefined;
}) {
  return (
    <LedgerTable plain stacked picking caption="Lines to dispute">
      <thead>
        <tr>
          <th scope="col" className="check">
            <span className="sr">Dispute it</span>
          </th>
          <Th>Line</Th>
          <Th numeric>Invoiced</Th>
          <Th numeric>You think</Th>
          <Th numeric>In dispute</Th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <PickLine
            key={line.id}
            amount={picked?.lines[line.id]}
            {...{ line, currency, picked, refused }}
          />
        ))}
      </tbody>
      {picked === null ? null : (
        <tfoot>
          <tr>
            <th scope="row" colSpan={4}>
              In dispute, tax included
            </th>
            <td className="num">
              <Money amount={picked.amount ?? 0} currency={currency} />
            </td>
          </tr>
        </tfoot>
      )}
    </LedgerTable>
  );
}

function PickLine({
  line,
  currency,
  amount,
  picked,
  refused,
}: {
  line: Line;
  currency: string;
  amount: number | undefined;
  picked: Picked | null;
  refused: Refused | undefined;
}) {
  const id = useId();
  const name = `correct.${line.id}`;
  const wrong = refused?.errors[name];
  const ticked = refused?.lists["line"]?.includes(line.id) || refused?.values["line"] === line.id;
  const price = picked?.byQuantity ? line.quantity : line.unitPrice;
  return (
    <tr>
      <td className="check">
        <input id={id} type="checkbox" name="line" value={line.id} defaultChecked={ticked} />
      </td>
      <td className="full">
        <label htmlFor={id}>{line.description}</label>
        <small>
          <Details line={line} currency={currency} />
        </small>
      </td>
      <td className="num pickline__was" data-label="Invoiced">
        {price ?? "–"}
      </td>
      <td className="num pickline__think">
        <input
          className={wrong ? "input num input--bad" : "input num"}
          name={name}
          inputMode="decimal"
          maxLength={60}
          aria-label={`What you think correct for ${line.description}`}
          aria-invalid={wrong === undefined ? undefined : true}
          aria-describedby={wrong === undefined ? undefined : `${id}wrong`}
          defaultValue={refused?.values[name]}
        />
        {wrong ? (
          <span className="field__error" id={`${id}wrong`}>
            {wrong}
          </span>
        ) : null}
      </td>
      <td
        className={
          amount === undefined ? "num pickline__diff faint wide-only" : "num pickline__diff medium"
        }
      >
        {amount === undefined ? "–" : <Money amount={amount} currency={currency} as="bare" />}
      </td>
    </tr>
  );
}

/** "412 m² × 3.90, 1,606.80". */
function Details({ line, currency }: { line: Line; currency: string }) {
  const amount = line.net ?? line.total;
  const quantity = [line.quantity, line.unit].filter(Boolean).join(" ");
  const price = quantity !== "" && line.unitPrice ? `${quantity} × ${line.unitPrice}` : quantity;
  return (
    <>
      {price}
      {amount === undefined ? null : (
        <>
          {price === "" ? null : ", "}
          <Money amount={amount} currency={currency} as="bare" />
        </>
      )}
    </>
  );
}
