import { Form } from "@remix-run/react";
import type { ReactNode } from "react";
import { useAnswer } from "#app/ui/answer.ts";
import type { Refused } from "#app/http/http.server.ts";
import { Button } from "#app/ui/button.tsx";
import { Field } from "#app/ui/field.tsx";

/** Says of dead deliveries that nothing is to be done, and why; children are further fields. */
export function Dismiss({ label, children }: { label: string; children?: ReactNode }) {
  const refused = useAnswer<Partial<Refused>>();
  return (
    <Form method="post" className="stack-4">
      <input type="hidden" name="do" value="dismiss" />
      {children}
      <Field
        label={label}
        name="reason"
        required
        maxLength={300}
        hint="They keep their bytes and can still be replayed. The reason is kept in the audit log."
        defaultValue={refused?.values?.["reason"]}
        error={refused?.errors?.["reason"]}
      />
      <p>
        <Button look="danger">Dismiss</Button>
      </p>
    </Form>
  );
}
