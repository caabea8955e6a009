import { type FormEvent, useState } from "react";
import { checkFile, type Report, verifierAddress } from "./verifier.ts";
import { Button } from "#app/ui/button.tsx";
import { Field } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Section } from "#app/ui/page.tsx";

type Outcome = { report: Report } | { failure: string };

/** The form that checks a file in this browser. `publicKey` is what the portal shows today, if any. */
export function FileCheck({
  publicKey,
  onReport,
}: {
  publicKey: string | null;
  onReport: (report: Report | null) => void;
}) {
  const [file, setFile] = useState<File | null>(null);
  const [kept, setKept] = useState<File[]>([]);
  const [key, setKey] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  async function check(event: FormEvent) {
    event.preventDefault();
    if (file === null) return setFailure("Choose the file first.");
    const outcome = await outcomeOf({ file, key, kept });
    setFailure("failure" in outcome ? outcome.failure : null);
    onReport("report" in outcome ? withDoubt(outcome.report, key.trim() === publicKey) : null);
  }
  return (
    <Section
      title="Check a file"
      note="A proof or a chain that you downloaded, or a whole exported ledger"
    >
      <form className="form stack-4" onSubmit={(event) => void check(event)}>
        {failure === null ? null : <FormError>{failure}</FormError>}
        <Chosen label="File" onFiles={([first]) => setFile(first ?? null)} />
        <Field
          label="Public key"
          name="key"
          required
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          hint="The one you have from before or from an auditor; it begins with the portal's name"
        />
        {publicKey === null ? null : (
          <Today publicKey={publicKey} onUse={() => setKey(publicKey)} />
        )}
        <Chosen label="Checkpoints that you kept, if any" several onFiles={setKept} />
        <p className="row">
          <Button look="main">Check</Button>
          <a href={verifierAddress} download>
            The same check as a command-line script
          </a>
        </p>
      </form>
    </Section>
  );
}

async function outcomeOf(given: Parameters<typeof checkFile>[0]): Promise<Outcome> {
  try {
    return { report: await checkFile(given) };
  } catch (error) {
    // Whatever it is, the reader is told: there is nobody else here who could be.
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Who takes the key from the portal itself trusts the portal of today. */
function withDoubt(report: Report, isPortals: boolean): Report {
  if (!report.ok || !isPortals) return report;
  const doubt =
    "That the key was always this one: you took it from this page. Compare it with the one that an auditor or an earlier mail has.";
  return { ...report, unproved: [...report.unproved, doubt] };
}

function Today({ publicKey, onUse }: { publicKey: string; onUse: () => void }) {
  return (
    <p className="small soft">
      This portal shows today <span className="mono tiny breakable">{publicKey}</span>{" "}
      <button type="button" className="linklike" onClick={onUse}>
        Use it
      </button>
    </p>
  );
}

/** Files to choose, or to drop on the control, which shows their names. */
function Chosen({
  label,
  several = false,
  onFiles,
}: {
  label: string;
  several?: boolean;
  onFiles: (files: File[]) => void;
}) {
  return (
    <label className="field">
      <span className="field__label">{label}</span>
      <input
        className="drop"
        type="file"
        multiple={several}
        onChange={(event) => onFiles([...(event.currentTarget.files ?? [])])}
      />
      <span className="field__hint">Choose it, or drop it here</span>
    </label>
  );
}
