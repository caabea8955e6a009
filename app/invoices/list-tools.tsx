import { Form, useLocation, useSearchParams, useSubmit } from "@remix-run/react";
import { type ReactNode, useEffect, useRef } from "react";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import {
  decidesStatus,
  type ListParameter,
  listParameters,
  sortWords,
  useListAddress,
} from "./list-address.ts";
import { Button } from "#app/ui/button.tsx";
import { Field, SelectField } from "#app/ui/field.tsx";
import { FilterChips } from "#app/ui/filters.tsx";
import { When } from "#app/ui/when.tsx";
import { ageingWords, statusWords } from "#app/words/words.ts";

/** Search box, what the list is narrowed to, and the form that narrows it further; plain GET forms. */
export function ListTools({ currencies, view }: { currencies: readonly string[]; view: string }) {
  const [search] = useSearchParams();
  const list = useCustomerPath()("/invoices");
  const listAddress = useListAddress();
  const { key } = useLocation();
  return (
    <div className="tools">
      <SearchForm list={list} />
      <div className="tools__narrow">
        <FilterChips filters={chipsOf(search, listAddress)} />
        {/* What was asked for is shown: the panel has done its work. */}
        <details className="tools__more" data-menu="" key={key}>
          <summary className="chip chip--add">Add a filter</summary>
          <Form method="get" action={list} className="tools__form">
            <Kept names={["view", "q", "sort"]} />
            <FilterFields currencies={currencies} view={view} />
            <Button>Show these</Button>
          </Form>
        </details>
      </div>
    </div>
  );
}

/** The field stays the same one, so that the focus stays in it; it follows the address. */
function SearchForm({ list }: { list: string }) {
  const [search] = useSearchParams();
  const q = search.get("q") ?? "";
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current) field.current.value = q;
  }, [q]);
  return (
    <Form method="get" action={list} role="search">
      <Kept names={listParameters.filter((name) => name !== "q")} />
      <label>
        <span className="sr">Search invoices</span>
        <input
          ref={field}
          className="input"
          type="search"
          name="q"
          defaultValue={q}
          placeholder="Number, PO number, amount or text"
        />
      </label>
    </Form>
  );
}

/** The order of the list, on a phone the only way to it; without JavaScript with a button. */
export function SortForm() {
  const [search] = useSearchParams();
  const submit = useSubmit();
  const list = useCustomerPath()("/invoices");
  const sort = search.get("sort") ?? "";
  const field = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    if (field.current) field.current.value = sort;
  }, [sort]);
  return (
    <Form method="get" action={list} className="sort" preventScrollReset>
      <Kept names={listParameters.filter((name) => name !== "sort")} />
      <label>
        <span className="sr">Order</span>
        <select
          ref={field}
          className="select"
          name="sort"
          defaultValue={sort}
          onChange={(event) => submit(event.currentTarget.form, { preventScrollReset: true })}
        >
          {Object.entries(sortWords).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <noscript>
        <Button>Sort</Button>
      </noscript>
    </Form>
  );
}

/** One choice lets through what was paid in part and what was settled in part without money. */
const statusChoices = Object.entries({
  ...statusWords,
  partially_paid: "Partially paid or settled",
});

function FilterFields({ currencies, view }: { currencies: readonly string[]; view: string }) {
  const [search] = useSearchParams();
  const value = (name: ListParameter) => search.get(name) ?? "";
  const statuses = statusChoices.filter(([status]) => status !== "draft");
  return (
    <>
      {decidesStatus(view) ? null : (
        <>
          <SelectField
            label="Status"
            name="status"
            defaultValue={value("status")}
            options={[["", "Any"], ...statuses]}
          />
          <SelectField
            label="How late"
            name="late"
            defaultValue={value("late")}
            options={[["", "Any"], ...Object.entries(ageingWords)]}
          />
        </>
      )}
      {view === "disputed" ? null : (
        <SelectField
          label="Dispute"
          name="disputed"
          defaultValue={value("disputed")}
          options={[
            ["", "With or without"],
            ["yes", "In dispute"],
          ]}
        />
      )}
      <SelectField
        label="Currency"
        name="currency"
        defaultValue={value("currency").toUpperCase()}
        options={[["", "Any"], ...currencies.map((code) => [code, code] as const)]}
      />
      <Field label="Due from" name="dueFrom" type="date" defaultValue={value("dueFrom")} />
      <Field label="Due until" name="dueTo" type="date" defaultValue={value("dueTo")} />
      <Field label="Issued from" name="from" type="date" defaultValue={value("from")} />
      <Field label="Issued until" name="to" type="date" defaultValue={value("to")} />
    </>
  );
}

/** What the address says besides, so that a form does not lose it. */
function Kept({ names }: { names: readonly ListParameter[] }) {
  const [search] = useSearchParams();
  return names
    .filter((name) => search.get(name))
    .map((name) => <input key={name} type="hidden" name={name} value={search.get(name) ?? ""} />);
}

/** What the list is narrowed to beyond its view; each chip leads to the address without it. */
function chipsOf(search: URLSearchParams, listAddress: ReturnType<typeof useListAddress>) {
  const words: Partial<Record<ListParameter, [string, (value: string) => ReactNode]>> = {
    q: ["Search", (value) => value],
    status: ["Status", statusWord],
    disputed: ["Dispute", () => "in dispute"],
    late: ["How late", lateWord],
    currency: ["Currency", (value) => value.toUpperCase()],
    dueFrom: ["Due from", day],
    dueTo: ["Due until", day],
    from: ["Issued from", day],
    to: ["Issued until", day],
  };
  return listParameters.flatMap((name) => {
    const value = search.get(name);
    const [label, say] = words[name] ?? [];
    if (!value || !label || !say) return [];
    return [{ name: label, value: say(value), without: listAddress(search, { [name]: "" }) }];
  });
}

function day(value: string): ReactNode {
  return <When at={value} form="date" />;
}

function statusWord(status: string): string {
  const found = statusChoices.find(([name]) => name === status);
  return found?.[1] ?? status;
}

function lateWord(bucket: string): string {
  const found = Object.entries(ageingWords).find(([name]) => name === bucket);
  return found?.[1] ?? bucket;
}
