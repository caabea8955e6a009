import { words } from "./disputes.ts";
import { PaymentMethod } from "./desk.ts";
import { html, type Html } from "./html.ts";
import { balanceOf, isHeld, statusOn, type Invoice } from "./invoice.ts";
import { layout, problem, type Surroundings } from "./layout.ts";
import { decimalsOf, toDecimal, toText } from "./money.ts";
import { statusTag, time } from "./pages.ts";
import { fromPortal } from "./from-portal.ts";

type Shown = { invoice: Invoice; day: string; error: string | null };

/** One invoice: what the portal wrote back, what can be done, and what happened. */
export function invoicePage(around: Surroundings, { invoice, day, error }: Shown): Html {
  const { id, number, customer } = invoice;
  const path = invoicePath(id);
  const main = html` <div id="invoice" data-path="${path}" data-version="${invoice.version}">
      <p class="crumb"><a href="/">Invoices</a></p>
      <h1>${number} ${statusTag(statusOn(invoice, day))}</h1>
      <p class="who">${customer.name} <span class="quiet">${customer.email ?? ""}</span></p>
      <p id="changed" class="strange" hidden>
        <a href="${path}">This invoice has changed: show it again</a>
      </p>
      ${problem(error)} ${figures(invoice)}
      <section>
        <h2>From the portal</h2>
        ${fromPortal(invoice, path)}
      </section>
      <section>
        <h2>Actions</h2>
        ${isHeld(invoice) ? html`<p class="quiet">This invoice is ${words(invoice.status)}.</p>` : actions(invoice, path)}
      </section>
      ${lines(invoice)} ${bookings(invoice)}
      <section>
        <h2>Journal</h2>
        <ol class="journal">
          ${invoice.journal.toReversed().map(({ at, text }) => html` <li>${time(at)} ${text}</li>`)}
        </ol>
        ${invoice.journal.length === 0 ? html`<p class="quiet">Nothing has happened here yet.</p>` : null}
      </section>
    </div>
    <script src="/watch.js" defer></script>`;
  return layout(around, { title: number, path, main, invoiceId: id });
}

/** Where an invoice's page is. */
export function invoicePath(id: string): string {
  return `/invoices/${encodeURIComponent(id)}`;
}

function figures(invoice: Invoice): Html {
  const { currency, total, paid, credited, issuedOn, dueOn, poNumber, version } = invoice;
  const pair = (label: string, value: string) =>
    html`<div>
      <dt>${label}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="figures">
    ${pair("Total", toText(total, currency))}${pair("Paid", toText(paid, currency))}
    ${pair("Credited", toText(credited, currency))}${pair("Balance", toText(balanceOf(invoice), currency))}
    ${pair("Issued", issuedOn)}${pair("Due", dueOn)}
    ${pair("Customer's order", poNumber ?? "none")}${pair("Version", String(version))}
  </dl>`;
}

function actions(invoice: Invoice, path: string): Html {
  const { currency, dueOn } = invoice;
  return html` <div class="actions">
    ${paymentForm(invoice, path)}
    <form method="post" action="${path}/credit-note" class="box">
      <h3>Credit note</h3>
      ${amountField(currency, "")}
      <label>Reason <input name="reason" required maxlength="200" value="Goodwill" /></label>
      <button>Issue credit note</button>
    </form>
    <form method="post" action="${path}/comment" class="box">
      <h3>Comment</h3>
      <label
        >To the customer <textarea name="text" rows="2" required maxlength="2000"></textarea>
      </label>
      <button>Send comment</button>
    </form>
    <div class="box">
      <h3>The invoice</h3>
      <form method="post" action="${path}/due-date">
        <label>Due on <input type="date" name="dueOn" required value="${dueOn}" /></label>
        <button>Change due date</button>
      </form>
      <form method="post" action="${path}/close" class="buttons">
        <button name="do" value="void" class="danger">Void</button>
        <button name="do" value="write-off" class="danger">Write off</button>
      </form>
    </div>
  </div>`;
}

function paymentForm(invoice: Invoice, path: string): Html {
  const { currency } = invoice;
  const balance = toDecimal(Math.max(0, balanceOf(invoice)), currency);
  return html`<form method="post" action="${path}/payment" class="box">
    <h3>Payment</h3>
    ${amountField(currency, balance)}
    <label
      >By
      <select name="method">
        ${PaymentMethod.options.map((method) => html`<option value="${method}">${words(method)}</option>`)}
      </select></label
    >
    <label>Payer's reference <input name="reference" maxlength="100" /></label>
    <div class="buttons">
      <button name="do" value="receive" class="strong">Pay</button>
      <button name="do" value="full">Pay in full</button>
      <button name="do" value="fail" class="danger">Payment failed</button>
    </div>
  </form>`;
}

function amountField(currency: string, value: string): Html {
  const keyboard = decimalsOf(currency) === 0 ? "numeric" : "decimal";
  return html`<label
    >Amount, ${currency} <input name="amount" required inputmode="${keyboard}" value="${value}"
  /></label>`;
}

function lines({ lines, currency, references, description }: Invoice): Html {
  return html` <section>
    <h2>Lines</h2>
    <p>
      ${description}${references.map(
        ({ kind, value }) => html` <span class="tag closed">${words(kind)} ${value}</span>`,
      )}
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Description</th>
            <th class="number">Quantity</th>
            <th class="number">Unit price</th>
            <th class="number">Net</th>
            <th class="number">Tax</th>
            <th class="number">Total</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map(
            (line) =>
              html` <tr>
                <td>${line.description}</td>
                <td class="number">${line.quantity} ${line.unit}</td>
                <td class="number">${toText(line.unitPrice, currency)}</td>
                <td class="number">${toText(line.net, currency)}</td>
                <td class="number">${line.taxRate} %</td>
                <td class="number">${toText(line.total, currency)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function bookings({ payments, credits, currency }: Invoice): Html | null {
  if (payments.length + credits.length === 0) return null;
  return html` <section>
    <h2>Payments and credits</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Booked</th>
            <th>Document</th>
            <th>What</th>
            <th class="number">Amount</th>
          </tr>
        </thead>
        <tbody>
          ${payments.map(
            ({ at, id, stage, method, reference, amount }) =>
              html` <tr>
                <td>${time(at)}</td>
                <td>${id}</td>
                <td>
                  Payment by
                  ${words(method)}${reference === null ? "" : `, ${reference}`}${stage === "failed" ? html` <span class="tag overdue">failed</span>` : null}
                </td>
                <td class="number">${toText(amount, currency)}</td>
              </tr>`,
          )}
          ${credits.map(
            ({ at, id, kind, reason, amount }) =>
              html` <tr>
                <td>${time(at)}</td>
                <td>${id}</td>
                <td>${kind === "discount" ? "Discount" : "Credit note"}: ${reason}</td>
                <td class="number">${toText(amount, currency)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
