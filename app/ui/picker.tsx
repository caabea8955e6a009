import { useFetcher } from "@remix-run/react";
import { useEffect, useId, useState } from "react";
import { Labelled } from "./field.tsx";

/** One of many, as a field to choose from shows it. */
export interface Pick {
  id: string;
  name: string;
  /** What tells it from others of the same name. */
  about: string;
}

const pauseMs = 150;

/**
 * A field for one of very many: while somebody types, the page at `from` gives those that fit. Sends the
 * chosen id as `name` and what stands in the field as `<name>Name`, by which it is found without
 * JavaScript.
 */
export function Picker({
  label,
  name,
  from,
  chosen = null,
  hint,
  error,
}: {
  label: string;
  name: string;
  /** The address that answers `?q=…` with `{ picks }`. */
  from: string;
  chosen?: { id: string; name: string } | null;
  hint?: string;
  error?: string | undefined;
}) {
  const list = useId();
  const { load, data } = useFetcher<{ picks: Pick[] }>();
  const [text, setText] = useState(chosen?.name ?? "");
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    if (asked === null) return undefined;
    const timer = setTimeout(() => load(`${from}?q=${encodeURIComponent(asked)}`), pauseMs);
    return () => clearTimeout(timer);
  }, [asked, from, load]);
  const picks = (data?.picks ?? []).map((pick, _, all) => ({ ...pick, shown: shownOf(pick, all) }));
  const kept = chosen?.name === text ? chosen.id : "";
  const id = picks.find(({ shown }) => shown === text)?.id ?? kept;
  return (
    <Labelled label={label} hint={hint} error={error} look="input" bad="input--bad">
      {(control) => (
        <>
          <input
            {...control}
            type="text"
            name={`${name}Name`}
            list={list}
            value={text}
            placeholder="Type a part of the name"
            autoComplete="off"
            onFocus={() => setAsked((before) => before ?? text)}
            onChange={({ target }) => {
              setText(target.value);
              setAsked(target.value);
            }}
          />
          <input type="hidden" name={name} value={id} />
          <datalist id={list}>
            {picks.map(({ id: key, shown, about }) => (
              <option key={key} value={shown} label={shown.includes(about) ? undefined : about} />
            ))}
          </datalist>
        </>
      )}
    </Labelled>
  );
}

/** Its name; where several have it, with what tells them apart. */
function shownOf({ id, name, about }: Pick, all: readonly Pick[]): string {
  const isOnly = all.every((other) => other.id === id || other.name !== name);
  return isOnly ? name : `${name} (${about || id})`;
}

/** A customer, found by typing. */
export function CustomerPicker(props: {
  chosen?: { id: string; name: string } | null;
  hint?: string;
  error?: string | undefined;
}) {
  return <Picker label="Customer" {...props} name="customer" from="/finance/pick/customers" />;
}
