import { html, type Html } from "./html.ts";
import { document, layout, problem, type Surroundings } from "./layout.ts";
import { balanceOf, isOpen, statusOn, type Invoice } from "./invoice.ts";
import { toText } from "./money.ts";
import { words } from "./disputes.ts";
import type { Customer, Show } from "./store.ts";
import type { Webhook } from "./webhook-queue.ts";
import type { WriteBackEntry } from "./write-back-log.ts";

/** How many invoices a page of the list shows. */
export const pageSize = 25;

type List = {
  invoices: Invoice[];
  count: number;
  text: string;
  show: Show;
  page: number; // from 1
  day: string;
};

/** The list of invoices with search and paging. */
export function listPage(around: Surroundings, list: List): Html {
  const { invoices, count, text, show, page, day } = list;
  const first = (page - 1) * pageSize;
  const option = (value: Show, label: string) =>
    html` <option value="${value}" ${value === show ? html` selected` : null}>${label}</option>`;
  const main = html` <h1>Invoices</h1>
    <form class="search" role="search">
      <input
        type="search"
        name="q"
        value="${text}"
        placeholder="Number, customer or order"
        aria-label="Search"
      />
      <select name="show" aria-label="Show">
        ${option("all", "All")}${option("unpaid", "Unpaid")}${option("overdue", "Overdue")}${option("disputed", "Disputed")}
      </select>
      <button>Search</button>
    </form>
    <div class="scroll">
      <table class="list">
        <thead>
          <tr>
            <th>Number</th>
            <th>Customer</th>
            <th>Due</th>
            <th>Status</th>
            <th class="number">Total</th>
            <th class="number">Balance</th>
          </tr>
        </thead>
        <tbody>
          ${invoices.map((invoice) => row(invoice, day))}
        </tbody>
      </table>
    </div>
    ${
      count === 0
        ? html`<p class="quiet">No invoice matches.</p>`
        : html` <nav class="pages" aria-label="Pages">
            <span>${first + 1} to ${first + invoices.length} of ${count}</span>
            ${page > 1 ? html`<a rel="prev" href="${listPath(list, page - 1)}">Newer</a>` : null}
            ${first + invoices.length < count ? html`<a rel="next" href="${listPath(list, page + 1)}">Older</a>` : null}
          </nav>`
    }`;
  return layout(around, { title: "Invoices", path: listPath(list, page), main, invoiceId: null });
}

function listPath({ text, show }: List, page: number): string {
  return `/?${String(new URLSearchParams({ q: text, show, page: String(page) }))}`;
}

function row(invoice: Invoice, day: string): Html {
  const { id, number, customer, dueOn, currency, total } = invoice;
  const disputed = invoice.disputes.some(isOpen)
    ? html` <span class="tag disputed">disputed</span>`
    : null;
  return html` <tr>
    <td data-label="Number"><a href="/invoices/${encodeURIComponent(id)}">${number}</a></td>
    <td data-label="Customer">${customer.name}</td>
    <td data-label="Due">${dueOn}</td>
    <td data-label="Status">${statusTag(statusOn(invoice, day))}${disputed}</td>
    <td data-label="Total" class="number">${toText(total, currency)}</td>
    <td data-label="Balance" class="number">${toText(balanceOf(invoice), currency)}</td>
  </tr>`;
}

/** A status as a small label. */
export function statusTag(status: Invoice["status"]): Html {
  return html`<span class="tag ${status}">${words(status)}</span>`;
}

/** An instant for people: seconds, in UTC. */
export function time(instant: string): Html {
  const shown = `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
  return html`<time datetime="${instant}">${shown}</time>`;
}

type NewInvoice = { customers: Customer[]; values: Record<string, string>; error: string | null };

/** The form for a new invoice; `values` are what was typed before. */
export function newInvoicePage(
  around: Surroundings,
  { customers, values, error }: NewInvoice,
): Html {
  const main = html` <h1>New invoice</h1>
    ${problem(error)}
    <form method="post" action="/invoices" class="box fields">
      <label
        >Customer
        <select name="customerId">
          ${customers.map(
            ({ id, name }) =>
              html` <option value="${id}" ${id === values.customerId ? html` selected` : null}>
                ${name}
              </option>`,
          )}
        </select></label
      >
      <label
        >Description
        <input
          name="description"
          required
          maxlength="200"
          value="${values.description ?? "Clear anodizing, brackets"}"
      /></label>
      <label
        >Net amount
        <input name="net" required inputmode="decimal" value="${values.net ?? "1250.00"}"
      /></label>
      <label
        >Currency
        <input name="currency" required pattern="[A-Z]{3}" value="${values.currency ?? "EUR"}"
      /></label>
      <label
        >Tax, percent
        <input name="taxRate" type="number" min="0" max="100" value="${values.taxRate ?? "20"}"
      /></label>
      <label>Due on <input name="dueOn" type="date" required value="${values.dueOn}" /></label>
      <label
        >Customer's order <input name="poNumber" maxlength="50" value="${values.poNumber ?? ""}"
      /></label>
      <button>Issue invoice</button>
    </form>`;
  return layout(around, { title: "New invoice", path: "/invoices/new", main, invoiceId: null });
}

type Traffic = {
  writeBacks: WriteBackEntry[];
  webhooks: Webhook[];
  numberOf: (invoiceId: string) => string;
};

/** What went between portal and ERP, newest first; loads itself again every two seconds. */
export function trafficPage({ writeBacks, webhooks, numberOf }: Traffic): Html {
  const about = (invoiceId: string | null) =>
    invoiceId === null
      ? null
      : html` <a target="_top" href="/invoices/${encodeURIComponent(invoiceId)}"
          >${numberOf(invoiceId)}</a
        >`;
  const received = writeBacks.map(
    ({ at, type, invoice_id, status, answer }) =>
      html` <li class="${status !== null && (status < 300 || status === 409) ? "good" : "bad"}">
        <b>${type ?? "unreadable"}</b> ${about(invoice_id)}
        <small>${time(at)}, answered ${status ?? "nothing"}: ${answer}</small>
      </li>`,
  );
  const sent = webhooks.map(
    (webhook) =>
      html` <li class="${webhookClass(webhook)}">
        <b>${webhook.type}</b> ${about(webhook.invoice_id)}
        <small>${time(webhook.created_at)}, ${webhookState(webhook)}</small>
      </li>`,
  );
  const nothing = html`<li class="quiet">Nothing yet.</li>`;
  return document(
    "Traffic",
    html` <div class="log">
      <h3>Write-backs received</h3>
      <ul>
        ${received.length > 0 ? received : nothing}
      </ul>
      <h3>Webhooks sent</h3>
      <ul>
        ${sent.length > 0 ? sent : nothing}
      </ul>
    </div>`,
    2,
  );
}

function webhookClass({ attempts, done_at, status }: Webhook): string {
  if (done_at !== null && status !== 410) return "good";
  return attempts === 0 ? "waits" : "bad";
}

function webhookState({ attempts, done_at, due_at, status, answer }: Webhook): string {
  if (attempts === 0) return "waits to be sent";
  const said = [status ?? "no answer", answer].filter(Boolean).join(" ");
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  if (done_at !== null) return `answered ${said}, ${tries}`;
  return `${said}, ${tries}, again at ${due_at.slice(11, 19)}`;
}
