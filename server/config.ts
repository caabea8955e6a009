import { z } from "zod";
import { rangeFault } from "./webhooks/connectors/kit/addresses.ts";

const development = "development-only-secret-that-is-long-enough";

const Environment = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("development"),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  DATABASE_URL: z
    .string()
    .regex(/^(file:.|postgres(ql)?:\/\/)/, "looks like file:./data/portal.db or postgres://…")
    .optional(),
  DATA_DIR: z.string().default("./data"),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Newest first, separated by commas: the first encrypts, all decrypt. */
  APP_SECRET: z.string().optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  MAIL_FROM: z.string().default("Invoices <invoices@localhost>"),
  BOUNCE_DOMAIN: z.string().optional(),
  CONNECTIONS_FILE: z.string().optional(),
  OUTBOUND_ALLOW: z.string().default(""),
  TRUSTED_PROXIES: z.string().default(""),
  LOG_LEVEL: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
  METRICS_TOKEN: z.string().optional(),
});

const list = (text: string) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

/**
 * Reads the environment through one schema. Throws one error that names every fault at once.
 * In development a local default serves for each; production needs APP_SECRET and PUBLIC_URL.
 */
export function readConfig(environment: Record<string, string | undefined>) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const read = Environment.safeParse(given);
  const faults = read.success
    ? productionFaults(read.data)
    : read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
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
    bounceDomain: env.BOUNCE_DOMAIN,
    connectionsFile: env.CONNECTIONS_FILE,
    outboundAllow: list(env.OUTBOUND_ALLOW),
    trustedProxies: list(env.TRUSTED_PROXIES),
    logLevel: env.LOG_LEVEL,
    metricsToken: env.METRICS_TOKEN,
  };
}

export type Config = ReturnType<typeof readConfig>;

function productionFaults(env: z.infer<typeof Environment>): string[] {
  const faults = list(env.OUTBOUND_ALLOW).flatMap((range) => {
    const fault = rangeFault(range);
    return fault === null ? [] : [`OUTBOUND_ALLOW: ${fault}`];
  });
  for (const secret of list(env.APP_SECRET ?? development)) {
    if (secret.length < 32) faults.push("APP_SECRET: each needs at least 32 characters");
  }
  if (env.PUBLIC_URL && !isSafeAddress(new URL(env.PUBLIC_URL))) {
    faults.push("PUBLIC_URL: http is allowed for this machine only, use https");
  }
  if (env.NODE_ENV !== "production") return faults;
  if (!env.APP_SECRET) faults.push("APP_SECRET: needed in production, e.g. openssl rand -hex 32");
  if (env.APP_SECRET === development) faults.push("APP_SECRET: this is the development default");
  if (!env.PUBLIC_URL) faults.push("PUBLIC_URL: needed in production, e.g. https://portal.example");
  return faults;
}

function isSafeAddress(url: URL): boolean {
  return url.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}
