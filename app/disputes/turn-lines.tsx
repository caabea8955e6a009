import type { MouseEvent } from "react";
import { Button } from "#app/ui/button.tsx";
import { type LinePlace, useLineSummary } from "#app/invoices/line-pages.tsx";

/** Buttons of the form that show other lines of the invoice; what is chosen and written stays. */
export function TurnLines({ place }: { place: LinePlace }) {
  const summary = useLineSummary(place);
  const { page, pages } = place;
  if (pages === 1) return null;
  return (
    <div className="pager" role="group" aria-label="Other lines">
      <span>{summary}</span>
      <span className="row">
        {page > 1 ? <Turn to={page - 1}>‹ Previous lines</Turn> : null}
        {page < pages ? <Turn to={page + 1}>Next lines ›</Turn> : null}
      </span>
    </div>
  );
}

function Turn({ to, children }: { to: number; children: string }) {
  const address = `?lines=${to}&turn=1`;
  // A whole page, as without JavaScript: it comes with everything that the form holds.
  const send = (event: MouseEvent<HTMLButtonElement>) => {
    const { form } = event.currentTarget;
    if (form === null) return;
    event.preventDefault();
    form.action = address;
    form.submit();
  };
  return (
    <Button formAction={address} formNoValidate onClick={send}>
      {children}
    </Button>
  );
}
