import { z } from "zod";
import { rangeOf } from "#domain/address-range.ts";

const development = "development-only-secret-that-is-long-enough";

const list = (text: string) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

/** `invoices@example.com`, or with a name in front, which is quoted when it holds a sign of the syntax. */
const sender =
  /^(?:(?:[^"<>@,;:]*|"[^"\\]*")\s*<[^\s<>@,;:]+@[^\s<>@,;:]+>|[^\s<>@,;:]+@[^\s<>@,;:]+)$/;

const Environment = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: z
    .string()
    .regex(/^(file:.|postgres(ql)?:\/\/)/, "looks like file:./data/portal.db or postgres://…")
    .optional(),
  DATA_DIR: z.string().default("./data"),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .refine(isOrigin, "is an address without path, query or user, like https://portal.example")
    .optional(),
  /** Newest first, separated by commas: the first encrypts, all decrypt. */
  APP_SECRET: z.string().optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z
    .string()
    .trim()
    .regex(sender, 'is one sender, like "Acme: Invoices" <invoices@example.com>')
    .default("Invoices <invoices@localhost>"),
  /** Between two mails to one person of a customer; 0: a mail for each event. */
  MAIL_PAUSE_SECONDS: z.coerce.number().int().min(0).max(3600).default(60),
  BOUNCE_DOMAIN: z.string().optional(),
  CONNECTIONS_FILE: z.string().optional(),
  OUTBOUND_ALLOW: z.string().default(""),
  TRUSTED_PROXIES: z.string().default(""),
  LOG_LEVEL: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
  METRICS_TOKEN: z.string().optional(),
  /** Any value: nothing is sent to anybody, see docs/operations.md. */
  REHEARSAL: z.string().optional(),
});

/**
 * Reads the environment through one schema. Throws one error that names every fault at once.
 * In development a local default serves for each; production needs APP_SECRET and PUBLIC_URL.
 */
export function readConfig(environment: Record<string, string | undefined>) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const read = Environment.safeParse(given);
  const faults = [
    ...(read.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    ...secretFaults(given),
    ...addressFaults(given),
  ];
  if (!read.success || faults.length > 0) {
    throw new Error(`The configuration has faults:\n  ${faults.join("\n  ")}`);
  }
  const env = read.data;
  const publicUrl = (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/$/, "");
  return {
    production: env.NODE_ENV === "production",
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL ?? `file:${env.DATA_DIR}/portal.db`,
    dataDir: env.DATA_DIR,
    publicUrl,
    appSecrets: list(env.APP_SECRET ?? development),
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    mailPauseMs: env.MAIL_PAUSE_SECONDS * 1000,
    bounceDomain: env.BOUNCE_DOMAIN,
    connectionsFile: env.CONNECTIONS_FILE,
    outboundAllow: list(env.OUTBOUND_ALLOW),
    trustedProxies: list(env.TRUSTED_PROXIES),
    logLevel: env.LOG_LEVEL,
    metricsToken: env.METRICS_TOKEN,
    rehearsal: env.REHEARSAL !== undefined,
  };
}

export type Config = ReturnType<typeof readConfig>;

type Given = Record<string, string | undefined>;

function secretFaults({ APP_SECRET: given, NODE_ENV }: Given): string[] {
  const short = list(given ?? development).some((secret) => secret.length < 32);
  if (short) return ["APP_SECRET: each needs at least 32 characters"];
  if (NODE_ENV !== "production") return [];
  if (!given) return ["APP_SECRET: needed in production, e.g. openssl rand -hex 32"];
  return given === development ? ["APP_SECRET: this is the development default"] : [];
}

/** Read beside the schema, so that one fault does not hide another. */
function addressFaults(given: Given): string[] {
  const { PUBLIC_URL, NODE_ENV } = given;
  const faults: string[] = [];
  if (PUBLIC_URL === undefined && NODE_ENV === "production") {
    faults.push("PUBLIC_URL: needed in production, e.g. https://portal.example");
  }
  if (PUBLIC_URL !== undefined && URL.canParse(PUBLIC_URL) && !isSafeAddress(new URL(PUBLIC_URL))) {
    faults.push("PUBLIC_URL: http is allowed for this machine only, use https");
  }
  for (const name of ["TRUSTED_PROXIES", "OUTBOUND_ALLOW"] as const) {
    for (const item of list(given[name] ?? "")) {
      if (rangeOf(item) === null) {
        faults.push(`${name}: ${item} is neither an address nor a range like 10.0.0.0/8`);
      }
    }
  }
  return faults;
}

/** Links are made of the origin: a path would stand in some of them and not in others. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, pathname, search, hash } = new URL(text);
  return username + password + search + hash === "" && pathname === "/" && !text.endsWith("//");
}

function isSafeAddress(url: URL): boolean {
  return url.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}
