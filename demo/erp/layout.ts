import { describe, type Behaviour } from "./behaviour.ts";
import { html, type Html } from "./html.ts";

/** What stands around every page: how the ERP behaves now, and what waits. */
export type Surroundings = {
  behaviour: Behaviour;
  isBusy: boolean;
  waiting: number; // webhooks not yet accepted by the portal
  portalUrl: string;
};

type Page = { title: string; path: string; main: Html; invoiceId: string | null };

/** A whole page of the ERP: heading, content, and beside it behaviour, activity and traffic. */
export function layout(around: Surroundings, { title, path, main, invoiceId }: Page): Html {
  const { behaviour, portalUrl } = around;
  const strange =
    behaviour.mode === "normal"
      ? null
      : html` <p class="strange" role="status">${describe(behaviour)}</p>`;
  const query = invoiceId === null ? "" : `?invoice=${encodeURIComponent(invoiceId)}`;
  return document(
    title,
    html` <header>
        <a class="brand" href="/">Demo ERP</a>
        <span class="tagline"
          >Accounts receivable of the supplier. A separate system: it knows the portal only by
          webhooks and HTTP.</span
        >
        <nav>
          <a href="/">Invoices</a> <a href="/invoices/new">New invoice</a>
          <a href="${portalUrl}">Open the portal</a>
        </nav>
      </header>
      ${strange}
      <div class="columns">
        <main>${main}</main>
        <aside>
          ${behaviourPanel(behaviour, path)} ${activityPanel(around, path)}
          <section class="box traffic">
            <h2>Traffic with the portal${invoiceId === null ? "" : " about this invoice"}</h2>
            <iframe title="Write-backs received and webhooks sent" src="/traffic${query}"></iframe>
          </section>
        </aside>
      </div>`,
  );
}

/** A bare document with the ERP's style; `refreshSeconds` makes it load itself again. */
export function document(title: string, body: Html, refreshSeconds: number | null = null): Html {
  const refresh =
    refreshSeconds === null
      ? null
      : html` <meta http-equiv="refresh" content="${refreshSeconds}" />`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <title>${title} - Demo ERP</title>
        <link rel="stylesheet" href="/style.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        ${body}
      </body>
    </html> `;
}

/** A message about what went wrong, to stand above a form. */
export function problem(message: string | null): Html | null {
  return message === null ? null : html`<p class="problem" role="alert">${message}</p>`;
}

function behaviourPanel(behaviour: Behaviour, path: string): Html {
  const seconds = behaviour.mode === "slow" ? behaviour.seconds : 10;
  const reason = behaviour.mode === "refuse" ? behaviour.reason : "The period is closed";
  const choice = (mode: Behaviour["mode"], label: Html | string) =>
    html` <label
      ><input
        type="radio"
        name="mode"
        value="${mode}"
        ${behaviour.mode === mode ? html` checked` : null}
      />
      <span>${label}</span></label
    >`;
  return html` <section class="box">
    <h2>Behaviour towards the portal</h2>
    <form method="post" action="/behaviour" class="choices">
      <input type="hidden" name="back" value="${path}" />
      ${choice("normal", "Work normally")} ${choice("fail", "Fail with 503")}
      ${choice("slow", html`Answer after <input type="number" name="seconds" aria-label="Seconds" min="1" max="120" value="${seconds}" /> seconds`)}
      ${choice("down", "Be down: close connections")}
      ${choice("refuse", html`Refuse write-backs (422) because <input name="reason" aria-label="Reason" value="${reason}" />`)}
      <button>Apply</button>
    </form>
  </section>`;
}

function activityPanel({ isBusy, waiting }: Surroundings, path: string): Html {
  return html` <section class="box">
    <h2>Activity</h2>
    <form method="post" action="/activity" class="line">
      <input type="hidden" name="back" value="${path}" />
      <span
        >${isBusy ? "The ERP makes a change every few seconds." : "Only people make changes."}</span
      >
      <button name="turn" value="${isBusy ? "off" : "on"}">
        ${isBusy ? "Stop activity" : "Keep busy"}
      </button>
    </form>
    <form method="post" action="/webhooks/retry" class="line">
      <input type="hidden" name="back" value="${path}" />
      <span>${waiting} ${waiting === 1 ? "webhook waits" : "webhooks wait"} to be accepted.</span>
      <button>Send now</button>
    </form>
  </section>`;
}
