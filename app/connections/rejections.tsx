import { Form, Link } from "@remix-run/react";
import { Block } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";

interface Rejection {
  id: number;
  delivery_id: number | null;
  element: string;
  reason: string;
  rejected_at: string;
}

/** How many elements could not be used, in words for beside a connection's health. */
export function notUsed(count: number): string {
  return count === 1
    ? "1 element could not be used"
    : `${count.toLocaleString("en-GB")} elements could not be used`;
}

/** What a system told or answered that could not be used, while its neighbours were recorded. */
export function Rejections({
  rows,
  mayDismiss,
}: {
  rows: readonly Rejection[];
  mayDismiss: boolean;
}) {
  if (rows.length === 0) return null;
  return (
    <Block title="Could not be used" note="Everything beside it was recorded">
      <ul className="small">
        {rows.map(({ id, delivery_id: delivery, element, reason, rejected_at: at }) => (
          <li key={id} className="breakable">
            <b>{element}</b>: {reason} (<When at={at} form="second" />
            {delivery === null ? (
              ", read by reconciliation"
            ) : (
              <>
                , <Link to={`/finance/deliveries/${delivery}`}>delivery {delivery}</Link>
              </>
            )}
            )
          </li>
        ))}
      </ul>
      <p className="small soft">
        Correct it in the system: it is read again when it changes there. A delivery can be
        replayed.
      </p>
      {mayDismiss ? (
        <Form method="post" className="row case__take">
          <button className="btn" name="do" value="dismiss">
            Dismiss
          </button>
        </Form>
      ) : null}
    </Block>
  );
}
