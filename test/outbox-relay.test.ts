import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { SMTPServer } from "smtp-server";
import { expect, test } from "vitest";
import { listSuppressions } from "#db/queries/mail-suppressions.ts";
import { leaseMail } from "#db/queries/mail-lease.ts";
import { mailTrouble } from "#db/queries/mail-trouble.ts";
import { plusMs } from "#domain/time.ts";
import { queueSignIn } from "#server/mail/sign-in.ts";
import { openMailTransport } from "#server/outbox/transport.ts";
import { releaseAddress, releaseAllMail } from "#server/outbox/release-mail.ts";
import { invoiceTold, openOutbox, paymentTold } from "./support/outbox.ts";
import type { MailTreatment } from "./support/scripted-relay.ts";
import { startSmtp } from "./support/smtp.ts";

const finance = { kind: "user", user: "jeroen" } as const;
const ines = "ines@customer.example";
const sender = "portal@portal.example";

async function openWithInvoice(smtpUrl: string) {
  const outbox = await openOutbox({ smtpUrl, mailFrom: `Portal <${sender}>` });
  await outbox.says([invoiceTold(1)]);
  return outbox;
}

const about = (at: "RCPT TO" | "DATA", code: number, words: string): MailTreatment => ({
  at,
  code,
  words,
});

test.each([
  about("RCPT TO", 554, "5.7.1 relay access denied"),
  about("RCPT TO", 550, "5.4.5 daily sending quota exceeded"),
  about("RCPT TO", 552, "5.2.2 mailbox full"),
  about("RCPT TO", 550, "5.3.2 system does not accept mail now"),
  about("RCPT TO", 550, `5.1.0 <${sender}>: Sender address rejected: User unknown`),
  about("RCPT TO", 550, "5.1.0 Address rejected"),
  about("RCPT TO", 550, `5.1.1 <${sender}>: Sender address rejected: User unknown`),
  about("RCPT TO", 553, "5.1.7 sender address syntax"),
  about("RCPT TO", 553, "5.1.8 sender domain does not exist"),
  about("RCPT TO", 550, "5.1.9 the relay before does not conform"),
  about("DATA", 550, "5.1.0 Sender denied"),
  about("RCPT TO", 550, "no reason given"),
  about("DATA", 554, "5.7.1 content refused"),
  about("DATA", 550, "5.6.0 message format"),
])("$at answered with $code $words silences nobody, and is tried again", async (reply) => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url);
  smtp.treat(reply);
  await outbox.says([paymentTold("p1", 800000)]);
  expect((await outbox.rows()).at(-1)).toMatchObject({ parked_at: null, state: "queued" });
  expect(await listSuppressions(outbox.context.db, 10)).toEqual([]);
  await outbox.later(30_000);
  await outbox.says([paymentTold("p2", 100000)]);
  expect(smtp.mails.map(({ envelope }) => envelope.to)).toEqual([ines, ines]);
});

test.each([
  about("RCPT TO", 550, "5.1.1 no such user here"),
  about("RCPT TO", 550, "5.1.2 no such domain"),
  about("RCPT TO", 550, `5.1.1 <${ines}>: Recipient rejected, mail of ${sender}`),
  about("RCPT TO", 550, "5.1.10 the domain takes no mail"),
  about("RCPT TO", 550, "5.2.1 mailbox disabled"),
  about("DATA", 550, "5.1.1 no such user here"),
])("$at answered with $code $words suppresses the address, in any case", async (reply) => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url);
  smtp.treat(reply);
  await outbox.says([paymentTold("p1", 800000)]);
  const capitals = { email: "Ines@Customer.example" };
  await outbox.context.writer.updateTable("user").set(capitals).where("id", "=", "ines").execute();
  await outbox.says([paymentTold("p2", 100000)]);
  expect(smtp.mails.map(({ envelope }) => envelope.to)).not.toContain(ines);
  expect(await listSuppressions(outbox.context.db, 10)).toMatchObject([
    { address: ines, answer: expect.stringContaining("5.") },
  ]);
});

test("finance's own address is refused: the console says so, and one release cures all", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url);
  const gone = about("RCPT TO", 550, "5.1.1 no such user here");
  smtp.treat(gone, gone);
  await outbox.says([paymentTold("p1", 800000)]);
  await outbox.dispatch.idle();
  expect(smtp.mails).toHaveLength(0);
  expect(await mailTrouble(outbox.context.db)).toMatchObject({ refusing: 2 });
  expect(await releaseAllMail(outbox.portal, finance)).toBe(2);
  await outbox.dispatch.idle();
  expect(new Set(smtp.mails.map(({ envelope }) => envelope.to))).toEqual(
    new Set([ines, "jeroen@supplier.example"]),
  );
  expect(await mailTrouble(outbox.context.db)).toMatchObject({ refusing: 0, waiting: 0 });
  await expect(releaseAddress(outbox.portal, finance, ines)).rejects.toMatchObject({ status: 404 });
});

test("a relay that refuses everything for hours is told by the console, with its words", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openWithInvoice(smtp.url);
  smtp.treat(...Array<MailTreatment>(3).fill(about("RCPT TO", 554, "5.7.1 relay access denied")));
  await outbox.says([paymentTold("p1", 800000)]);
  expect(await mailTrouble(outbox.context.db)).toMatchObject({ waiting: 0 });
  for (let times = 0; times < 2; times++) await outbox.later(3_600_000);
  expect(await mailTrouble(outbox.context.db)).toMatchObject({
    waiting: 1,
    answer: expect.stringContaining("5.7.1 relay access denied"),
  });
  await outbox.later(3_600_000);
  expect(smtp.mails).toHaveLength(1);
  expect(await mailTrouble(outbox.context.db)).toMatchObject({ waiting: 0, answer: null });
});

test("what breaks before the message was asked for has failed, and is never called sent", async () => {
  await using smtp = await startSmtp();
  await using secure = await listen((port) =>
    quiet(new SMTPServer({ secure: true, authOptional: true })).listen(port),
  );
  await using upgrading = await listen((port) =>
    quiet(new SMTPServer({ authOptional: true })).listen(port),
  );
  await using rude = await listen((port) => createServer((socket) => socket.end()).listen(port));
  const urls = [
    `smtps://127.0.0.1:${secure.port}`,
    `smtp://127.0.0.1:${upgrading.port}`,
    smtp.url.replace("smtp:", "smtps:"),
    `smtp://127.0.0.1:${rude.port}`,
    "smtp://127.0.0.1:1",
  ];
  for (const url of urls) {
    await using outbox = await openWithInvoice(url);
    await outbox.says([paymentTold("p1", 800000)]);
    expect([url, (await outbox.rows()).at(-1)?.state]).toEqual([url, "queued"]);
    expect((await outbox.attempts()).map(({ outcome }) => outcome)).toEqual(["failed"]);
  }
});

/** A relay that goes on answering the recipient's name, a line at a time, and never ends. */
function dribbling(socket: Socket): void {
  let line: NodeJS.Timeout | undefined;
  socket.write("220 slow\r\n");
  socket.on("data", (said: Buffer) => {
    if (!said.toString().startsWith("RCPT")) return void socket.write("250 ok\r\n");
    line = setInterval(() => socket.write("250-still looking\r\n"), 20);
  });
  socket.on("close", () => clearInterval(line));
  socket.on("error", () => undefined);
}

test("a relay that never ends its answer is given up, and its connection with it", async () => {
  await using slow = await listen((port) => createServer(dribbling).listen(port));
  await using outbox = await openOutbox();
  const smtpUrl = `smtp://127.0.0.1:${slow.port}`;
  const context = { ...outbox.context, config: { ...outbox.context.config, smtpUrl } };
  const transport = openMailTransport(context, { mostConnections: 1, attemptMs: 300 });
  const message = { envelope: { from: sender, to: ines }, raw: Buffer.from("Subject: a\r\n\r\na") };
  const about = { messageId: "<a@b>", subject: "a", rendered: "" };
  for (let times = 0; times < 2; times++) {
    const attempt = transport?.deliver({ ...message, ...about });
    await expect(attempt).rejects.toThrow("The relay did not end its answer within 0.3 seconds");
  }
  transport?.close();
});

test("a relay that never ends its answer keeps nobody from stopping the portal", async () => {
  let asked = 0;
  await using slow = await listen((port) =>
    createServer((socket) => {
      asked += 1;
      dribbling(socket);
    }).listen(port),
  );
  await using outbox = await openOutbox({ smtpUrl: `smtp://127.0.0.1:${slow.port}` });
  await queueSignIn(outbox.context, {
    ...{ to: ines, name: "Ines", locale: null, timeZone: null, page: "/", atOnce: true },
  });
  outbox.dispatch.wake();
  await expect.poll(() => asked).toBe(1);
  await outbox.dispatch.stop();
  expect((await outbox.attempts()).map(({ outcome }) => outcome)).toEqual(["failed"]);
});

test("mail of events leaves a place for sign-in links, however much of it is due", async () => {
  await using outbox = await openOutbox();
  await outbox.dispatch.stop();
  const { writer, clock } = outbox.context;
  const at = clock().toISOString();
  const rowOf = (index: number, what: string) => ({
    ...{ id: `obx_${index}`, order_key: `o${index}`, once_key: `k${index}`, what },
    ...{ kind: "mail", invoice_id: null, sequence: null, payload: "{}", receipt: null },
    ...{ target: `p${index}@customer.example`, created_at: at, due_at: at, updated_at: at },
  });
  const events = Array.from({ length: 500 }, (_, index) => rowOf(index, "payment_received"));
  await writer.insertInto("outbox").values(events).execute();
  const later = { ...rowOf(500, "sign_in"), due_at: plusMs(at, 1) };
  await writer.insertInto("outbox").values(later).execute();
  const lease = { now: plusMs(at, 1), until: plusMs(at, 60_000), limit: 4, except: [], pauseMs: 0 };
  const leased = async (eventLimit: number) =>
    (await leaseMail(writer, { ...lease, eventLimit })).map(([row]) => row?.what);
  expect(await leased(3)).toEqual(Array(3).fill("payment_received"));
  expect(await leased(0)).toEqual(["sign_in"]);
});

/** The faults of its clients are what the test is about. */
function quiet(server: SMTPServer): SMTPServer {
  server.on("error", () => undefined);
  return server;
}

async function listen(start: (port: number) => Server) {
  const server = start(0);
  server.on("error", () => undefined);
  if (!server.listening) await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}
