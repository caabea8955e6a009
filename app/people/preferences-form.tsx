import { PostForm } from "#app/ui/post-form.tsx";
import { Button } from "#app/ui/button.tsx";
import { SelectField, Tick } from "#app/ui/field.tsx";
import { useReader } from "#app/ui/reader.ts";
import { ThemeSwitch } from "#app/frame/theme-switch.tsx";

const mailWords: Record<string, string> = {
  invoices: "Invoices that are new, changed, credited, voided or written off",
  payments: "Payments received, failed or given back",
  overdue: "Overdue invoices",
  disputes: "Every step of a dispute",
  comments: "Messages from the supplier",
  finance_disputes: "Disputes that customers open or withdraw",
  finance_comments: "Messages from customers",
  finance_promises: "Payments that customers promise",
  finance_delivery: "Write-backs and mails that failed",
  finance_connections: "Systems that fell silent",
};

const localeWords: Record<string, string> = {
  "en-GB": "English, 31 Dec 2026, 1,234.50",
  "en-US": "English (US), Dec 31, 2026, 1,234.50",
  "de-DE": "Deutsch, 31. Dez. 2026, 1.234,50",
};

/** How this person sees times and amounts, and which mail they get; for customers and for finance. */
export function PreferencesFields({
  kinds,
  stopped,
  locales,
  zones,
  errors,
}: {
  kinds: readonly string[];
  stopped: readonly string[];
  locales: readonly string[];
  zones: readonly string[];
  errors: Record<string, string>;
}) {
  const reader = useReader();
  return (
    <PostForm className="form stack-4">
      <SelectField
        label="Time zone"
        name="timeZone"
        defaultValue={reader.timeZone}
        error={errors["timeZone"]}
        options={zones.map((zone) => [zone, zone.replaceAll("_", " ")] as const)}
      />
      <SelectField
        label="Language of mails; dates and amounts everywhere"
        name="locale"
        defaultValue={reader.locale}
        error={errors["locale"]}
        options={locales.map((locale) => [locale, localeWords[locale] ?? locale] as const)}
      />
      <ThemeSwitch />
      <fieldset className="form__group">
        <legend>Mail you want</legend>
        <div>
          {kinds.map((kind) => (
            <Tick
              key={kind}
              label={mailWords[kind] ?? kind}
              name="mail"
              value={kind}
              defaultChecked={!stopped.includes(kind)}
            />
          ))}
        </div>
      </fieldset>
      <Button look="main">Save</Button>
      <input type="hidden" name="do" value="preferences" />
    </PostForm>
  );
}
