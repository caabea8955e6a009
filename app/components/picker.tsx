import { useFetcher } from "@remix-run/react";
import { useEffect, useId, useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";

/** One of many, as a list to choose from shows it. */
export interface Pick {
  id: string;
  name: string;
  /** What tells it from others of the same name. */
  about: string;
}

const pauseMs = 150;

/**
 * A field for one of very many: while somebody types, the page at `from` gives those that fit. Sends the
 * chosen id as `name` and what was typed as `<name>Name`, by which it is found without JavaScript.
 */
export function Picker({
  label,
  name,
  from,
  chosen = null,
  hint,
  error,
  isLabelHidden = false,
}: {
  label: string;
  name: string;
  /** The address that answers `?q=…` with `{ picks }`. */
  from: string;
  chosen?: { id: string; name: string } | null;
  hint?: string;
  error?: string | undefined;
  isLabelHidden?: boolean;
}) {
  const about = useId();
  const { load, data } = useFetcher<{ picks: Pick[] }>();
  const [asked, setAsked] = useState<string | null>(null);
  const [picked, setPicked] = useState<string | null>(chosen?.id ?? null);
  const [text, setText] = useState(chosen?.name ?? "");
  useEffect(() => {
    if (asked === null) return undefined;
    const timer = setTimeout(() => load(`${from}?q=${encodeURIComponent(asked)}`), pauseMs);
    return () => clearTimeout(timer);
  }, [asked, from, load]);
  const picks = data?.picks ?? [];
  return (
    <ComboBox
      className="field"
      allowsCustomValue
      allowsEmptyCollection
      menuTrigger="focus"
      items={picks}
      inputValue={text}
      selectedKey={picked}
      isInvalid={error !== undefined}
      onOpenChange={(isOpen) => setAsked((before) => (isOpen ? (before ?? "") : before))}
      onInputChange={(typed) => {
        setText(typed);
        setAsked(typed);
      }}
      onSelectionChange={(key) => {
        const pick = picks.find(({ id }) => id === key);
        setPicked(pick?.id ?? null);
        if (pick) setText(pick.name);
      }}
    >
      <Label className={isLabelHidden ? "sr" : "field__label"}>{label}</Label>
      <Input
        className={error === undefined ? "input" : "input input--bad"}
        name={`${name}Name`}
        placeholder="Type a part of the name"
        aria-describedby={about}
        autoComplete="off"
      />
      <input type="hidden" name={name} value={picked ?? ""} />
      <span id={about}>
        {error === undefined ? null : <span className="field__error">{error}</span>}
        {hint === undefined ? null : <span className="field__hint">{hint}</span>}
      </span>
      <Popover className="picks">
        <ListBox<Pick> renderEmptyState={() => <p className="small faint">Nothing fits.</p>}>
          {(pick) => (
            <ListBoxItem className="picks__one" textValue={pick.name}>
              {pick.name}
              {pick.about === "" ? null : <small>{pick.about}</small>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

/** A customer, found by typing. */
export function CustomerPicker(
  props: Omit<Parameters<typeof Picker>[0], "name" | "from" | "label"> & { label?: string },
) {
  return <Picker label="Customer" {...props} name="customer" from="/finance/pick/customers" />;
}
