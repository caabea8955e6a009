import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createElement, type ReactNode } from "react";
import { renderToPipeableStream } from "react-dom/server";

/**
 * The yardstick for pages: a bare node:http server that streams the same markup by React, with no
 * database, session, router or data behind it. Takes a file with the page as a tree, prints its port.
 */
type Node = string | [tag: string, attributes: Record<string, string>, ...children: Node[]];

const tree: Node = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const names: Record<string, string> = {
  class: "className",
  for: "htmlFor",
  charset: "charSet",
  crossorigin: "crossOrigin",
  tabindex: "tabIndex",
  autocomplete: "autoComplete",
  colspan: "colSpan",
  datetime: "dateTime",
  enterkeyhint: "enterKeyHint",
  inputmode: "inputMode",
  hreflang: "hrefLang",
  value: "defaultValue",
  checked: "defaultChecked",
  selected: "data-selected",
};

function toElement(node: Node, key: number): ReactNode {
  if (typeof node === "string") return node;
  const [tag, attributes, ...children] = node;
  const props: Record<string, unknown> = { key };
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") props.style = styleOf(value);
    else if (!name.startsWith("on")) props[nameOf(tag, name)] = value;
  }
  if (tag === "script" || tag === "style") {
    return createElement(tag, {
      ...props,
      dangerouslySetInnerHTML: {
        __html: children.filter((child) => typeof child === "string").join(""),
      },
    });
  }
  return createElement(tag, props, ...children.map(toElement));
}

/** `value` means a form control's own only where there is one. */
function nameOf(tag: string, name: string): string {
  if (name === "value" && !["input", "textarea", "select"].includes(tag)) return name;
  return names[name] ?? name;
}

function styleOf(text: string): Record<string, string> {
  const pairs = text.split(";").map((pair) => pair.split(":"));
  return Object.fromEntries(
    pairs.flatMap(([name = "", value = ""]) =>
      name.trim()
        ? [[name.trim().replace(/-(\w)/g, (_, c: string) => c.toUpperCase()), value]]
        : [],
    ),
  );
}

const Page = () => toElement(tree, 0);
const server = createServer((_incoming, outgoing) => {
  outgoing.setHeader("content-type", "text/html; charset=utf-8");
  const { pipe } = renderToPipeableStream(createElement(Page), {
    onShellReady: () => void pipe(outgoing),
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address !== "string") console.log(address.port);
});
