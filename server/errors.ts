/** The caller is wrong, is told so in plain words, and is not retried. */
export class RequestError extends Error {
  override name = "RequestError";
  /** By name: the pages are a bundle with a copy of this class of their own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "RequestError";
  }
  readonly status: number;
  /** Messages by field name, for forms and RFC 9457 `errors`. */
  readonly fields: Record<string, string>;
  /** Response headers that go with the status, e.g. `Retry-After`. */
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    message: string,
    options: ErrorOptions & {
      fields?: Record<string, string>;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(message, options);
    this.status = status;
    this.fields = options.fields ?? {};
    this.headers = options.headers ?? {};
  }
}

/** What we know of the request that failed: `unknown` = sent, but nobody can say whether it took effect. */
export type UpstreamOutcome = "refused" | "not_sent" | "unknown";

/** Another system failed us. The work is tried again at `retryAt` (an instant), or parked when that is null. */
export class UpstreamError extends Error {
  override name = "UpstreamError";
  /** By name, as above; what extends it is known by its class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (super[Symbol.hasInstance](value)) return true;
    return this === UpstreamError && value instanceof Error && value.name === "UpstreamError";
  }
  /** `undefined`: our own pauses apply. An instant: not before then. `null`: do not try again by itself. */
  readonly retryAt: string | null | undefined;
  readonly outcome: UpstreamOutcome;
  readonly status: number | undefined;

  constructor(
    message: string,
    options: ErrorOptions & {
      retryAt?: string | null;
      outcome?: UpstreamOutcome;
      status?: number;
    } = {},
  ) {
    super(message, options);
    this.retryAt = options.retryAt;
    this.outcome = options.outcome ?? "refused";
    this.status = options.status;
  }
}
