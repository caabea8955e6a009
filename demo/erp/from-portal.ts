import { words } from "./disputes.ts";
import { html, type Html } from "./html.ts";
import { isOpen, type Dispute, type Invoice } from "./invoice.ts";
import { toDecimal, toText } from "./money.ts";
import { time } from "./pages.ts";

/** What the portal wrote back about an invoice, with the buttons that answer a dispute. */
export function fromPortal(invoice: Invoice, path: string): Html {
  const { disputes, comments, promises, currency } = invoice;
  if (disputes.length + comments.length + promises.length === 0) {
    return html`<p class="quiet">The customer has written nothing about this invoice.</p>`;
  }
  return html` ${disputes.map((dispute) => disputeBox(dispute, { currency, path }))}
  ${promises.map(
    ({ reference, on, amount, by, at }) =>
      html` <article class="box">
        <h3>
          <b class="reference">${reference}</b> Payment promised for
          ${on}${amount === null ? "" : `: ${toText(amount, currency)}`}
        </h3>
        <p class="quiet">${by}, ${time(at)}</p>
      </article>`,
  )}
  ${comments.map(
    ({ reference, by, text, at, from }) =>
      html` <article class="box">
        <h3>
          <b class="reference">${reference}</b>
          ${from === "erp" ? "Comment to the customer" : "Comment"}
        </h3>
        <p class="said">${text}</p>
        <p class="quiet">${by}, ${time(at)}</p>
      </article>`,
  )}`;
}

type Place = { currency: string; path: string };

function disputeBox(dispute: Dispute, { currency, path }: Place): Html {
  const { id, reference, state, reason, amount, credited, message, history } = dispute;
  const about = amount === null ? "the whole invoice" : toText(amount, currency);
  return html` <article class="box dispute">
    <h3>
      <b class="reference">${reference}</b> Dispute: ${words(reason)}, ${about}
      <span class="tag ${isOpen(dispute) ? "disputed" : "closed"}">${words(state)}</span>
    </h3>
    ${message ? html`<p class="said">${message}</p>` : null}
    <p class="quiet">
      ${dispute.openedBy}, ${time(dispute.openedAt)}. In the portal:
      ${id}${credited === null ? "" : `. Credited: ${toText(credited, currency)}`}
    </p>
    ${
      history.length === 0
        ? null
        : html`<ol class="journal">
            ${history.map(
              ({ at, from, text }) =>
                html` <li>${time(at)} <i>${from === "erp" ? "ERP" : "Portal"}</i> ${text}</li>`,
            )}
          </ol>`
    }
    ${isOpen(dispute) ? answerForm(dispute, { currency, path }) : null}
  </article>`;
}

function answerForm({ id, amount }: Dispute, { currency, path }: Place): Html {
  const suggested = amount === null ? "" : toDecimal(amount, currency);
  return html`<form
    method="post"
    action="${path}/disputes/${encodeURIComponent(id)}"
    class="answer"
  >
    <label
      >Message to the customer
      <textarea name="message" rows="2" maxlength="2000"></textarea>
    </label>
    <div class="buttons">
      <button name="do" value="review">Take under review</button>
      <button name="do" value="ask">Ask the customer</button>
      <button name="do" value="answer">Answer</button>
    </div>
    <div class="buttons">
      <label
        >Credit
        <input name="credited" inputmode="decimal" value="${suggested}" placeholder="0" />
        ${currency}</label
      >
      <button name="do" value="resolve" class="strong">Resolve with credit</button>
      <button name="do" value="reject" class="danger">Reject with this reason</button>
    </div>
  </form>`;
}
