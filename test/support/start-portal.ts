import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { builtPages, type Pages } from "#server/http/pages.ts";
import { membershipsOf } from "#db/queries/people.ts";
import { readConfig } from "#server/config.ts";
import { customerPath } from "#domain/customer-path.ts";
import type { Clock } from "#domain/time.ts";
import type { EventType, LedgerEvent } from "#domain/event.ts";
import { addStaff } from "#server/people/add-staff.ts";
import { createCustomer } from "#server/customers/create-customer.ts";
import { linkRecord } from "#server/customers/link-record.ts";
import { newId } from "#domain/id.ts";
import { events } from "#server/ledger/read.ts";
import type { Portal } from "#server/portal-context.ts";
import { startPortal } from "#server/start.ts";
import type { Limits } from "#server/webhooks/read-delivery.ts";
import { databaseOf } from "./database.ts";

export const webhookSecret = `whsec_${Buffer.alloc(32, "a secret for our tests ").toString("base64")}`;
const source = { kind: "operator", name: "test" } as const;

interface ConnectionInput {
  id: string;
  system: string;
  settings?: Record<string, unknown>;
  secrets?: Record<string, unknown>;
}

export interface TestOptions {
  /** As in CONNECTIONS_FILE; one standard-webhooks connection `erp` unless said otherwise. */
  connections?: ConnectionInput[];
  clock?: Clock;
  /** Environment variables beside the folder, secret and port. */
  environment?: Record<string, string>;
  /** A folder that an earlier portal left behind, to go on with; it is the caller's to remove. */
  dataDir?: string;
  limits?: Limits;
  /** Processes deliveries in a thread, as production does; slower to start. */
  inThread?: true;
}

interface DeliverOptions {
  id?: string;
  sentAt?: Date;
  headers?: Record<string, string>;
  /** What to sign with instead of the connection's secret. */
  secret?: string;
}

export type TestPortal = Awaited<ReturnType<typeof startTestPortal>>;

/** The real server on a free port with a folder of its own, which goes when the test ends. */
export async function startTestPortal(options: TestOptions = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "portal-test-")));
  const clock = options.clock ?? (() => new Date());
  const { url: databaseUrl, drop } = await databaseOf(dataDir);
  const running = await startPortal({
    config: await configOf(dataDir, databaseUrl, options),
    ...(!options.inThread && { clock }),
    pages: async () => pagesOnDemand(),
    limits: options.limits,
  });
  const { portal, url, settled, close } = running;

  /** Sends a body by Standard Webhooks, signed as its system would. */
  async function deliver(connection: string, body: unknown, given: DeliverOptions = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { id = newId("msg"), sentAt = clock(), secret = webhookSecret } = given;
    return fetch(`${url}/webhooks/${connection}`, {
      method: "POST",
      body: text,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
        "webhook-signature": new Webhook(secret).sign(id, sentAt, text),
        ...given.headers,
      },
    });
  }

  /** Events of the ledger, all or of one invoice, in their order. */
  async function eventsOf(number?: string, type?: EventType): Promise<LedgerEvent[]> {
    const invoice = number === undefined ? undefined : await invoiceId(number);
    const filter = { after: 0, limit: 10_000, ...(invoice !== undefined && { invoice }) };
    const found = await events(portal.db, filter);
    return found.filter((event) => type === undefined || event.type === type);
  }

  async function invoiceId(number: string): Promise<string> {
    const row = await portal.db
      .selectFrom("invoices")
      .select("id")
      .where("number", "=", number)
      .executeTakeFirst();
    return row?.id ?? "none";
  }

  /**
   * Signs in by a link of the real kind. Gives the cookies and a way to open pages with them: paths of
   * customers' pages are those of the given customer, else of the person's first.
   */
  async function as(email: string, customer?: string) {
    const link = new URL(await portal.auth.createLink(email));
    const { cookies, user } = await portal.auth.confirm({
      token: link.searchParams.get("token") ?? "",
      seal: link.searchParams.get("seal") ?? "",
      asked: [],
      peer: "127.0.0.1",
    });
    const cookie = cookies.map((each) => each.split(";")[0]).join("; ");
    const [first] = await membershipsOf(portal.db, { user: user.id });
    const at = (path: string) => {
      if (!/^\/(invoices|disputes|settings|verify(?!\/file))/.test(path)) return url + path;
      const id = customer ?? first?.customerId;
      return url + (id === undefined ? path : customerPath(id, path));
    };
    return {
      cookie,
      headers: { cookie },
      /** The whole address of a page. */
      at,
      /** What a page of theirs says of itself when it goes live. */
      seat: { customer: customer ?? first?.customerId ?? null, person: user.id },
      /** The page's markup. Throws when it is not answered with 200. */
      async page(path: string): Promise<string> {
        const answer = await fetch(at(path), { headers: { cookie } });
        if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
        return answer.text();
      },
      /** Posts a form as the page would, a dispute with what its form shows now. */
      async post(path: string, fields: Record<string, string>) {
        const isDispute = path.endsWith("/dispute") && !("shownWhole" in fields);
        const shown = isDispute ? await shownOn(at(path), cookie) : {};
        return fetch(at(path), {
          method: "POST",
          body: new URLSearchParams({ ...shown, ...fields }),
          headers: { cookie, origin: new URL(url).origin },
          redirect: "manual",
        });
      },
    };
  }

  return {
    ...running,
    dataDir,
    deliver,
    settled,
    events: eventsOf,
    invoiceId,
    as,
    /** Makes one of the supplier's people; gives the user's id. */
    addStaff: (email: string, role: "finance" | "administrator" | "auditor" = "finance") =>
      addStaff(portal, source, { email, name: email.split("@")[0] ?? email, role }),
    /** Makes a customer with one person of it, and gives it the customer records of that name. */
    addCustomer: (name: string, email: string) => addCustomer(portal, name, email),
    close,
    async [Symbol.asyncDispose]() {
      await close();
      if (options.dataDir !== undefined) return;
      await drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What the hidden fields of a dispute's form hold; something else where there is no such form. */
export async function shownOn(address: string, cookie: string) {
  const html = await (await fetch(address, { headers: { cookie } })).text();
  const hidden = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1];
  return { shownWhole: hidden("shownWhole") ?? "0", shownLines: hidden("shownLines") ?? "none" };
}

async function configOf(dataDir: string, databaseUrl: string, options: TestOptions) {
  const standard = { id: "erp", system: "standard-webhooks", secrets: { webhookSecret } };
  const file = join(dataDir, "connections.json");
  await writeFile(file, JSON.stringify(options.connections ?? [standard]));
  return readConfig({
    NODE_ENV: "test",
    PORT: "0",
    DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    CONNECTIONS_FILE: file,
    APP_SECRET: "a secret of the tests that is long enough",
    LOG_LEVEL: "silent",
    MAIL_PAUSE_SECONDS: "0",
    ...options.environment,
  });
}

/** Most tests open no page, so that the build is loaded only when one does. */
function pagesOnDemand(): Pages {
  let pages: Promise<Pages> | undefined;
  const load = () => (pages ??= builtPages());
  return {
    files: (incoming, outgoing, next) => {
      load().then(({ files }) => files(incoming, outgoing, next), next);
    },
    handle: async (request, context) => (await load()).handle(request, context),
    close: async () => {},
  };
}

async function addCustomer(portal: Portal, name: string, email: string): Promise<string> {
  const id = await createCustomer(portal, source, { name });
  const now = portal.clock().toISOString();
  const user = { id: newId("usr"), name: email, email, emailVerified: 1, image: null };
  const defaults = { staffRole: null, locale: null, timeZone: null };
  await portal.writer
    .insertInto("user")
    .values({ ...user, ...defaults, createdAt: now, updatedAt: now })
    .execute();
  const member = { id: newId("mem"), organizationId: id, userId: user.id, role: "admin" };
  await portal.writer
    .insertInto("member")
    .values({ ...member, createdAt: now })
    .execute();
  const records = await portal.db
    .selectFrom("customer_records")
    .select("id")
    .where("name", "=", name)
    .execute();
  for (const record of records) {
    await linkRecord(portal, source, { record: record.id, customer: id });
  }
  return id;
}
