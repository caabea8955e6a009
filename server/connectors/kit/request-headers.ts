import type { IncomingHttpHeaders } from "node:http";

/** Headers of a delivery: what a connector asks of `Headers`. */
export interface RequestHeaders extends Iterable<[name: string, value: string]> {
  /** The value, repeated ones joined by ", "; null when there is none. Names in lower case. */
  get(name: string): string | null;
}

/** The headers that node has parsed, read in place: `Headers` would cost a delivery much more. */
export class ParsedHeaders implements RequestHeaders {
  readonly #raw: IncomingHttpHeaders;

  constructor(raw: IncomingHttpHeaders) {
    this.#raw = raw;
  }

  get(name: string): string | null {
    const value = this.#raw[name];
    if (value === undefined) return null;
    return typeof value === "string" ? value : value.join(", ");
  }

  *[Symbol.iterator](): Iterator<[name: string, value: string]> {
    for (const name of Object.keys(this.#raw)) {
      const value = this.get(name);
      if (value !== null) yield [name, value];
    }
  }
}
