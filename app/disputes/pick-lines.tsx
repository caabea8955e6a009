import { useId } from "react";
import type { Picked } from "./picked.ts";
import type { Line } from "#domain/change.ts";
import { tellTax } from "#domain/disputed-amount.ts";
import { Decimal } from "#app/ui/decimal.tsx";
import { DisputeShape } from "./dispute-mark.tsx";
import { LedgerTable, Th } from "#app/ui/ledger-table.tsx";
import { Money } from "#app/ui/money.tsx";

interface Refused {
  errors: Record<string, string>;
  values: Record<string, string>;
  lists: Record<string, string[]>;
}

interface Words {
  invoiced: string;
  correct: string;
  hint: string;
}

/** What is asked for, by what the reason compares; before one is chosen, and without JavaScript, both. */
const words: Record<"quantity" | "price" | "either", Words> = {
  quantity: {
    invoiced: "Quantity invoiced",
    correct: "Correct quantity",
    hint: "Write the quantity that is right to pay for. Empty: the whole line.",
  },
  price: {
    invoiced: "Price invoiced",
    correct: "Correct price",
    hint: "Write the price of one that you think correct. Empty: the whole line.",
  },
  either: {
    invoiced: "Invoiced",
    correct: "Correct quantity or price",
    hint:
      "Write the correct quantity where it was not delivered, incomplete, damaged, the wrong item or " +
      "the wrong quantity; else the correct price. Empty: the whole line.",
  },
};

/**
 * The lines to tick, each with what the customer thinks correct; `picked` are the sums, once known.
 * `taken` says which lines are in dispute already, by line id.
 */
export function PickLines({
  currency,
  lines,
  picked,
  taken,
  refused,
}: {
  currency: string;
  lines: readonly Line[];
  picked: Picked | null;
  taken: ReadonlyMap<string, string>;
  refused: Refused | undefined;
}) {
  const asked = words[picked?.compares ?? "either"];
  return (
    <>
      <p className="field__hint">{asked.hint}</p>
      <LedgerTable plain stacked picking caption="Lines to dispute">
        <thead>
          <tr>
            <th scope="col" className="check">
              <span className="sr">Dispute it</span>
            </th>
            <Th>Line</Th>
            <Th numeric>{asked.invoiced}</Th>
            <Th numeric>{asked.correct}</Th>
            <Th numeric>In dispute</Th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <PickLine
              key={line.id}
              inDispute={taken.get(line.id)}
              {...{ line, currency, picked, asked, refused }}
            />
          ))}
        </tbody>
        {picked === null ? null : (
          <tfoot>
            <tr>
              <th scope="row" colSpan={4}>
                {tellTax(lines) ? "In dispute, tax included" : "In dispute"}
              </th>
              <td className="num">
                {picked.amount === null ? (
                  "–"
                ) : (
                  <Money amount={picked.amount} currency={currency} />
                )}
              </td>
            </tr>
          </tfoot>
        )}
      </LedgerTable>
    </>
  );
}

function PickLine({
  line,
  currency,
  picked,
  asked,
  inDispute,
  refused,
}: {
  line: Line;
  currency: string;
  picked: Picked | null;
  asked: Words;
  /** The number of the dispute that it is in already. */
  inDispute: string | undefined;
  refused: Refused | undefined;
}) {
  const id = useId();
  const ticked = refused?.lists["line"]?.includes(line.id) || refused?.values["line"] === line.id;
  const amount = picked?.lines[line.id];
  const isTaken = inDispute !== undefined;
  return (
    <tr>
      <td className="check">
        <input
          id={id}
          type="checkbox"
          name="line"
          value={line.id}
          defaultChecked={ticked && !isTaken}
          disabled={isTaken}
        />
      </td>
      <td className="full">
        <label htmlFor={id} className={isTaken ? "faint" : undefined}>
          {line.description}
        </label>
        <small>
          <Details line={line} currency={currency} />
        </small>
        {isTaken ? (
          <small>
            <span className="mark mark--d-open">
              <DisputeShape state="open" />
              in dispute with {inDispute}
            </span>
          </small>
        ) : null}
      </td>
      <td className="num pickline__was" data-label={asked.invoiced}>
        <Invoiced line={line} compares={picked?.compares ?? null} />
      </td>
      <td className="num pickline__think">
        <Correct line={line} asked={asked} refused={refused} />
      </td>
      <td
        className={
          amount === undefined ? "num pickline__diff faint wide-only" : "num pickline__diff medium"
        }
        data-label="In dispute"
      >
        {typeof amount === "number" ? <Money amount={amount} currency={currency} as="bare" /> : "–"}
      </td>
    </tr>
  );
}

/** The field for what the customer thinks correct, labelled where no column says so. */
function Correct({
  line,
  asked,
  refused,
}: {
  line: Line;
  asked: Words;
  refused: Refused | undefined;
}) {
  const id = useId();
  const name = `correct.${line.id}`;
  const wrong = refused?.errors[name];
  return (
    <>
      <label className="pickline__label" htmlFor={id}>
        {asked.correct}
        <span className="sr"> for {line.description}</span>
      </label>
      <input
        id={id}
        className={wrong ? "input num input--bad" : "input num"}
        name={name}
        inputMode="decimal"
        maxLength={60}
        aria-invalid={wrong === undefined ? undefined : true}
        aria-describedby={wrong === undefined ? undefined : `${id}wrong`}
        defaultValue={refused?.values[name]}
      />
      {wrong ? (
        <span className="field__error" id={`${id}wrong`}>
          {wrong}
        </span>
      ) : null}
    </>
  );
}

function Invoiced({ line, compares }: { line: Line; compares: Picked["compares"] }) {
  const quantity = (
    <>
      <Decimal value={line.quantity} /> {line.unit}
    </>
  );
  if (compares === "quantity") return quantity;
  if (compares === "price") return <Decimal value={line.unitPrice} />;
  return (
    <>
      {quantity} × <Decimal value={line.unitPrice} />
    </>
  );
}

/** "412 m² × 3.90, 1,606.80". */
function Details({ line, currency }: { line: Line; currency: string }) {
  const amount = line.net ?? line.total;
  const { quantity, unit, unitPrice } = line;
  return (
    <>
      {quantity === undefined ? unit : <Decimal value={quantity} />} {quantity && unit}
      {quantity && unitPrice ? (
        <>
          {" "}
          × <Decimal value={unitPrice} />
        </>
      ) : null}
      {amount === undefined ? null : (
        <>
          {quantity || unit ? ", " : null}
          <Money amount={amount} currency={currency} as="bare" />
        </>
      )}
    </>
  );
}
