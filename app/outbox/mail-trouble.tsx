import { Link } from "@remix-run/react";
import { Banner } from "#app/ui/notice.tsx";

interface MailTrouble {
  waiting: number;
  answer: string | null;
  refusing: number;
}

/** Above every page of the console while mail does not leave: no mail could say so. */
export function MailTroubleBanner({ trouble }: { trouble: MailTrouble }) {
  const { waiting, answer, refusing } = trouble;
  if (waiting === 0 && refusing === 0) return null;
  const mails = waiting === 1 ? "1 mail waits" : `${waiting} mails wait`;
  const addresses = refusing === 1 ? "1 address refuses" : `${refusing} addresses refuse`;
  const title = [
    ...(waiting > 0 ? [`Mail does not leave: ${mails}.`] : []),
    ...(refusing > 0 ? [`${addresses} mail.`] : []),
  ].join(" ");
  return (
    <Banner title={title}>
      {waiting > 0 && answer !== null ? (
        <span className="breakable">The mail server says: {answer}</span>
      ) : null}
      <Link to="/finance/mail">See what to do</Link>
    </Banner>
  );
}
