import { accentOf } from "./accent.ts";
import { type Fact, type MailContent, signs } from "./content.ts";
import type { Letter } from "./letter.ts";

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML content and attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);
}

const fonts = "font-family:'Helvetica Neue',Helvetica,Arial,sans-serif";
const fixed = "font-family:Menlo,Consolas,monospace";
const table = 'role="presentation" cellpadding="0" cellspacing="0" border="0"';
const small = "color:#68635a;font-size:14px;line-height:20px";
const tones = {
  open: { light: "#1b1915", dark: "#f0ede5" },
  money: { light: "#17654a", dark: "#74c7a2" },
  late: { light: "#982d08", dark: "#f29a76" },
  question: { light: "#886000", dark: "#e3b65a" },
  closed: { light: "#68635a", dark: "#a09a8d" },
};

/** One column of 560 px: tables and inline styles, no image, dark colours by media query. */
export function writeHtml(letter: Letter): string {
  const { reader, supplier, content } = letter;
  const accent = accentOf(supplier.brandColor);
  return `<!doctype html>
<html lang="${reader.language}" dir="${reader.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(letter.subject)}</title>
<style>
${darkStyles(accent.dark)}
@media (max-width: 480px) { .figure { font-size: 32px !important; line-height: 36px !important; } .pad { padding: 20px 16px !important; } }
</style>
</head>
<body class="paper" style="margin:0;padding:0;background:#fbfaf6;${fonts}">
<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(content.mark?.text ?? content.sentence)}</div>
<table ${table} width="100%" class="paper" style="background:#fbfaf6"><tr><td class="pad" style="padding:32px 24px">
<table ${table} width="100%" style="max-width:560px;margin:0 auto;${fonts}">
${row("ink rule", "padding:0 0 12px;border-bottom:1px solid #1b1915;color:#1b1915;font-size:15px;line-height:20px;font-weight:bold", escapeHtml(supplier.name))}
${row("soft", `padding:24px 0 0;${small}`, `<h1 style="margin:0;font-size:14px;line-height:20px;font-weight:normal">${escapeHtml(content.title)}</h1>`)}
${figureRow(letter)}
${markRow(content)}
${row("ink", "padding:16px 0 20px;color:#1b1915;font-size:16px;line-height:24px;overflow-wrap:anywhere", said(letter))}
${factsRow([...content.facts, ...(content.balance ?? [])])}
<tr><td style="padding:24px 0 28px"><table ${table}><tr><td class="button" style="background:${accent.light};border-radius:2px"><a href="${escapeHtml(content.button.url)}" style="display:inline-block;padding:12px 20px;color:#ffffff;font-size:15px;line-height:20px;font-weight:bold;text-decoration:none">${escapeHtml(content.button.label)}</a></td></tr></table></td></tr>
${row("soft line", "padding:16px 0 0;border-top:1px solid #e0dcd1;color:#68635a;font-size:12px;line-height:18px", footer(letter))}
</table>
</td></tr></table>
</body>
</html>
`;
}

function darkStyles(accent: string): string {
  const marks = Object.entries(tones).map(
    ([tone, { dark }]) => `.${tone} { color: ${dark} !important; }`,
  );
  return `@media (prefers-color-scheme: dark) {
.paper { background: #161512 !important; } .ink, .link { color: #f0ede5 !important; } .soft { color: #a09a8d !important; }
.line { border-color: #35322c !important; } .rule { border-color: #f0ede5 !important; }
.button { background: ${accent} !important; } .button a { color: #14130f !important; }
${marks.join(" ")}
}`;
}

function row(classes: string, style: string, html: string): string {
  return `<tr><td class="${classes}" style="${style}">${html}</td></tr>`;
}

/** The amount in large letters, its currency's code in small ones, on the side where the language has it. */
function figureRow({ reader, content: { figure } }: Letter): string {
  if (!figure) return "";
  const code = `<span class="soft" style="color:#68635a;font-size:17px;letter-spacing:0">${escapeHtml(figure.currency)}</span>`;
  const text = reader.money(figure);
  // A narrow phone has room for some fourteen large characters.
  const size =
    text.length > 14 ? "font-size:28px;line-height:34px" : "font-size:40px;line-height:44px";
  const style = `padding:4px 0 0;color:#1b1915;${size};letter-spacing:-0.02em;font-variant-numeric:tabular-nums;overflow-wrap:anywhere`;
  const amount = escapeHtml(text);
  return row("figure ink", style, amount.replace(escapeHtml(figure.currency), code));
}

function markRow({ mark }: MailContent): string {
  if (!mark) return "";
  const color = `style="color:${tones[mark.tone].light}"`;
  const text = `<span class="${mark.tone}" ${color}>${signs[mark.tone]} ${escapeHtml(mark.text)}</span>`;
  return row("", "padding:6px 0 0;font-size:15px;line-height:22px;font-weight:bold", text);
}

function said({ reader, content: { sentence, quote } }: Letter): string {
  if (!quote) return escapeHtml(sentence);
  const wrote = escapeHtml(reader.words("wrote", { author: quote.author }));
  const text = escapeHtml(quote.text).replaceAll(/\r?\n/g, "<br>");
  const style = "margin:12px 0 0;padding:0 0 0 12px;border-left:2px solid #e0dcd1";
  return `${escapeHtml(sentence)}<div style="padding:12px 0 0">${wrote}</div><div class="line" dir="auto" style="${style}">${text}</div>`;
}

function factsRow(facts: Fact[]): string {
  if (facts.length === 0) return "";
  return `<tr><td><table ${table} width="100%" class="rule" style="border-top:1px solid #1b1915">
${facts.map(factRow).join("\n")}
</table></td></tr>`;
}

function factRow({ label, value, detail, asOf, sum }: Fact): string {
  const line = "border-bottom:1px solid #e0dcd1;font-size:14px;line-height:20px";
  const strong = (text: string) => (sum === "bold" ? `<b>${text}</b>` : text);
  const nowrap = sum ? ";white-space:nowrap" : "";
  const more = detail
    ? `<br><span class="soft" style="color:#68635a;font-size:12px">${escapeHtml(detail)}</span>`
    : "";
  return `<tr><td class="line soft" style="padding:7px 16px 7px 0;color:#68635a;vertical-align:top;overflow-wrap:anywhere;${line}">${strong(escapeHtml(asOf ? `${label}, ${asOf}` : label))}</td><td class="line ink" align="right" style="padding:7px 0;color:#1b1915;font-variant-numeric:tabular-nums;overflow-wrap:anywhere;${line}${nowrap}">${strong(escapeHtml(value))}${more}</td></tr>`;
}

function footer({ reader, supplier, event, why, stopUrl, publicUrl }: Letter): string {
  const link = (url: string, label: string) =>
    `<a class="link" href="${escapeHtml(url)}" style="color:#1b1915">${escapeHtml(label)}</a>`;
  const check = event
    ? `${escapeHtml(event.label)} <span style="${fixed}">${event.fingerprint}</span>. ${link(publicUrl + event.path, reader.words("footer.check"))}<br>`
    : "";
  const stop = stopUrl
    ? ` ${link(stopUrl, reader.words("footer.stop"))} · ${link(`${publicUrl}/settings`, reader.words("footer.choose"))}`
    : "";
  const about = [supplier.name, supplier.address, supplier.registration].filter(Boolean).join(", ");
  return `${check}${escapeHtml(why)}${stop}<br>${escapeHtml(reader.words("footer.bank"))}<br>${escapeHtml(about)}`;
}
