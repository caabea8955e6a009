import { Form, useSearchParams } from "@remix-run/react";
import { useCustomerPath } from "#app/customer-path.ts";
import { useListAddress } from "#app/list-address.ts";
import { Button } from "./button.tsx";
import { Field, SelectField } from "./field.tsx";
import { FilterChips } from "./filters.tsx";
import { ageingWords, statusWords } from "./words.ts";

/** Search box, what the list is narrowed to, and the form that narrows it further; plain GET forms. */
export function ListTools({ currencies }: { currencies: readonly string[] }) {
  const [search] = useSearchParams();
  const list = useCustomerPath()("/invoices");
  const listAddress = useListAddress();
  return (
    <div className="tools">
      <Form method="get" action={list} role="search" key={search.get("q")}>
        <Kept without={["q"]} />
        <label>
          <span className="sr">Search invoices</span>
          <input
            className="input"
            type="search"
            name="q"
            defaultValue={search.get("q") ?? ""}
            placeholder="Number, PO number, amount or text"
          />
        </label>
      </Form>
      <div className="tools__narrow">
        <FilterChips filters={chipsOf(search, listAddress)} />
        <details className="tools__more">
          <summary className="chip chip--add">Add a filter</summary>
          <Form method="get" action={list} className="tools__form" key={search.toString()}>
            <Kept without={["status", "disputed", "late", "currency", "from", "to"]} />
            <FilterFields currencies={currencies} />
            <Button>Show these</Button>
          </Form>
        </details>
      </div>
    </div>
  );
}

function FilterFields({ currencies }: { currencies: readonly string[] }) {
  const [search] = useSearchParams();
  const value = (name: string) => search.get(name) ?? "";
  const statuses = Object.entries(statusWords).filter(([status]) => status !== "draft");
  return (
    <>
      <SelectField
        label="Status"
        name="status"
        defaultValue={value("status")}
        options={[["", "Any"], ...statuses]}
      />
      <SelectField
        label="Dispute"
        name="disputed"
        defaultValue={value("disputed")}
        options={[
          ["", "With or without"],
          ["yes", "In dispute"],
        ]}
      />
      <SelectField
        label="How late"
        name="late"
        defaultValue={value("late")}
        options={[["", "Any"], ...Object.entries(ageingWords)]}
      />
      <SelectField
        label="Currency"
        name="currency"
        defaultValue={value("currency")}
        options={[["", "Any"], ...currencies.map((code) => [code, code] as const)]}
      />
      <Field label="Issued from" name="from" type="date" defaultValue={value("from")} />
      <Field label="Issued until" name="to" type="date" defaultValue={value("to")} />
    </>
  );
}

/** What the address says besides, so that a form does not lose it. */
function Kept({ without }: { without: readonly string[] }) {
  const [search] = useSearchParams();
  const names = ["view", "q", "status", "disputed", "late", "currency", "from", "to", "sort"];
  return names
    .filter((name) => !without.includes(name) && search.get(name))
    .map((name) => <input key={name} type="hidden" name={name} value={search.get(name) ?? ""} />);
}

/** What the list is narrowed to beyond its view; each chip leads to the address without it. */
function chipsOf(search: URLSearchParams, listAddress: ReturnType<typeof useListAddress>) {
  const words: Record<string, [string, (value: string) => string]> = {
    q: ["Search", (value) => value],
    status: ["Status", statusWord],
    disputed: ["Dispute", () => "in dispute"],
    late: ["How late", lateWord],
    currency: ["Currency", (value) => value.toUpperCase()],
    from: ["Issued from", (value) => value],
    to: ["Issued until", (value) => value],
  };
  return Object.entries(words).flatMap(([name, [label, say]]) => {
    const value = search.get(name);
    if (!value) return [];
    return [{ name: label, value: say(value), without: listAddress(search, { [name]: "" }) }];
  });
}

function statusWord(status: string): string {
  const found = Object.entries(statusWords).find(([name]) => name === status);
  return found?.[1] ?? status;
}

function lateWord(bucket: string): string {
  const found = Object.entries(ageingWords).find(([name]) => name === bucket);
  return found?.[1] ?? bucket;
}
