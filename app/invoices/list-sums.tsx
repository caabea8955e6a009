import { Fragment } from "react";
import { Money } from "#app/ui/money.tsx";

interface Sum {
  currency: string;
  due: number;
  credit: number;
}

/** ", still due EUR 40.00, credit EUR 200.00": what was overpaid is named apart and lowers nothing. */
export function DueAndCredit({ totals }: { totals: readonly Sum[] }) {
  const due = totals.filter((sum) => sum.due !== 0);
  const credit = totals.filter((sum) => sum.credit !== 0);
  return (
    <>
      , {due.length === 0 ? "nothing due" : "still due "}
      <Amounts of="due" sums={due} />
      {credit.length === 0 ? null : ", credit "}
      <Amounts of="credit" sums={credit} />
    </>
  );
}

function Amounts({ of, sums }: { of: "due" | "credit"; sums: readonly Sum[] }) {
  return sums.map((sum, index) => (
    <Fragment key={sum.currency}>
      {index === 0 ? null : ", "}
      <Money amount={sum[of]} currency={sum.currency} />
    </Fragment>
  ));
}
