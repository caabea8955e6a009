import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useLoaderData, useSearchParams } from "@remix-run/react";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Field, SelectField } from "#app/ui/field.tsx";
import { FormError, FormGroup } from "#app/ui/form.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireAdministrator, requireOverseer } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { mistakenFor } from "#server/supplier/brand-warning.ts";
import { changeSupplier, SupplierForm } from "#server/supplier/change-supplier.ts";

export const meta = consoleTitle("Supplier");

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { mayChange } = await requireOverseer(request, context);
  const supplier = await readSupplier(context.db);
  const zones = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC");
  return {
    supplier,
    zones: ["UTC", ...zones],
    mistaken: mistakenFor(supplier.brandColor),
    mayChange,
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireAdministrator(request, context);
  return submit(request, SupplierForm, async (form) => {
    await changeSupplier(context, actor.source, form);
    return redirect("/finance/supplier?done=saved");
  });
}

export default function SupplierSettings() {
  const { mistaken, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const [search] = useSearchParams();
  const isSaved = search.get("done") === "saved" && !refused;
  return (
    <>
      <WorkHead
        title="Supplier"
        summary="Who you are on pages, in mails and in rules of time"
        still
      />
      <WorkBody>
        {isSaved ? <Notice tone="done" title="Saved, and written to the ledger." /> : null}
        {mistaken === null ? null : <ColourWarning mistaken={mistaken} />}
        <Form method="post" className="form">
          {refused ? <FormError>{refused.message}</FormError> : null}
          <fieldset className="plain" disabled={!mayChange}>
            <Company />
            <Rules />
            <Auditors />
          </fieldset>
          {mayChange ? <Button look="main">Save</Button> : null}
        </Form>
      </WorkBody>
    </>
  );
}

function ColourWarning({ mistaken }: { mistaken: "late" | "question" }) {
  const meaning = mistaken === "late" ? "what is overdue" : "an open question";
  return (
    <Notice tone="question" title={`Your colour is close to the one of ${meaning}.`}>
      <span className="small">
        Buttons and links wear it: readers may take them for a warning. The signs and words stay.
      </span>
    </Notice>
  );
}

/** The control's name, what stands in it and what is wrong with it. */
function useField() {
  const { supplier } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  return (name: keyof typeof supplier) => ({
    name,
    defaultValue: refused?.values[name] ?? String(supplier[name]),
    error: refused?.errors[name],
  });
}

function Company() {
  const field = useField();
  return (
    <FormGroup legend="Company">
      <Field label="Name" required maxLength={200} {...field("name")} />
      <Field
        label="Address"
        maxLength={300}
        hint="One line, as at the foot of your letters"
        {...field("address")}
      />
      <Field
        label="Registration"
        maxLength={300}
        hint="Trade register and VAT numbers, which business mail has to name"
        {...field("registration")}
      />
      <Field
        label="Colour"
        required
        maxLength={7}
        hint="Like #1f4389. Acts on buttons, links and focus; its lightness is kept readable."
        {...field("brandColor")}
      />
    </FormGroup>
  );
}

function Rules() {
  const { zones } = useLoaderData<typeof loader>();
  const field = useField();
  return (
    <FormGroup legend="Rules of time">
      <SelectField
        label="Time zone"
        hint="Decides when a day ends: overdue, ageing, promises"
        options={zones.map((zone) => [zone, zone.replaceAll("_", " ")] as const)}
        {...field("timeZone")}
      />
      <Field
        label="Grace days"
        numeric
        inputMode="numeric"
        required
        hint="Days after the due date before an invoice is called overdue, 0 for none. What a system says itself goes first."
        {...field("graceDays")}
      />
    </FormGroup>
  );
}

function Auditors() {
  const field = useField();
  return (
    <FormGroup legend="Audit">
      <Field
        label="Auditors"
        maxLength={500}
        hint="Addresses that get each signed checkpoint of the ledger, separated by commas. Best where nobody of yours can delete mail."
        {...field("auditors")}
      />
    </FormGroup>
  );
}
