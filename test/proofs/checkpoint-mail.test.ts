import { expect, test } from "vitest";
import { writeSupplier } from "#db/queries/settings.ts";
import { openNote } from "#domain/note.ts";
import { makeCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { startSmtp } from "#test/support/smtp.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

const operator = { kind: "operator", name: "test" } as const;

test("each auditor gets the checkpoint as a file that opens by the key in the mail, once", async () => {
  await using smtp = await startSmtp();
  await using portal = await startTestPortal({ environment: { SMTP_URL: smtp.url } });
  const auditors = "audit@firm.example, board@kestrel.example";
  await writeSupplier(portal.portal.writer, { name: "Kestrel", auditors });
  await portal.deliver("erp", invoiceIssued("KA-1"));
  await portal.settled();
  const { note, publicKey, size } = await makeCheckpoint(portal.portal, operator);
  await portal.settled();
  // Several mails are on their way at once.
  const recipients = smtp.mails.map(({ envelope }) => envelope.to).sort();
  expect(recipients).toEqual(["audit@firm.example", "board@kestrel.example"]);
  const [mail] = smtp.mails;
  expect(mail?.subject).toBe(`Kestrel: the ledger at event ${size}`);
  expect(mail?.text).toContain(publicKey);
  const [file] = mail?.attachments ?? [];
  const content = file?.content ?? "";
  const text = typeof content === "string" ? content : new TextDecoder().decode(content);
  expect(text).toBe(note);
  expect(openNote(text, publicKey)).toContain(`\n${size}\n`);
  const sent = await portal.events(undefined, "mail.sent");
  const toldOf = (recipient: string) =>
    expect.objectContaining({ template: "checkpoint", recipient });
  const told = sent.map(({ data }) => data);
  expect(told).toHaveLength(2);
  expect(told).toEqual(expect.arrayContaining(recipients.map(toldOf)));
});
