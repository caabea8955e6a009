import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { PostForm } from "#app/ui/post-form.tsx";
import { Button } from "#app/ui/button.tsx";
import { Gate } from "#app/frame/gate.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { readFields } from "#app/http/form-fields.server.ts";
import { found } from "#app/http/http.server.ts";
import { findPerson, stoppedKinds } from "#db/queries/mails.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { oneStop } from "#domain/text.ts";
import { setMailStop } from "#server/mail/preferences.ts";
import { readerFor } from "#server/mail/reader.ts";
import { readStopToken } from "#server/mail/unsubscribe.ts";

export const meta: MetaFunction = () => [
  { title: "Mail from this portal" },
  { name: "robots", content: "noindex" },
];

/** Only shows: scanners open every link of a mail. */
export async function loader({ params, context }: LoaderFunctionArgs) {
  const { userId, kind } = found(readStopToken(context.config, found(params["token"])));
  const { name } = await readSupplier(context.db);
  const stopped = (await stoppedKinds(context.db, userId)).includes(kind);
  const words = readerFor({ locale: "en-GB", timeZone: "UTC" });
  const person = await findPerson(context.db, userId);
  return {
    supplier: name,
    person: person?.name ?? "",
    company: kind.startsWith("finance_") ? name : (person?.company ?? name),
    reader: await readerOf(context, null),
    kind: words.words(`kind.${kind}`),
    stopped,
  };
}

/**
 * RFC 8058: a mail program posts `List-Unsubscribe=One-Click`, without signing in and without cookies.
 * The page's own button posts the same, or `do=resume` to take it back.
 */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const subscription = found(readStopToken(context.config, found(params["token"])));
  const wanted = await asksToResume(request);
  await setMailStop(context, { ...subscription, wanted });
  return { wanted };
}

/** Some mail programs post without a form, or with one that holds files: whatever they send stops the mail. */
async function asksToResume(request: Request): Promise<boolean> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers.get("content-type") ?? "")) {
    return false;
  }
  return (await readFields(request)).values["do"] === "resume";
}

export default function MailStop() {
  const { supplier, reader, person, company, kind, stopped } = useLoaderData<typeof loader>();
  const title = stopped ? "You no longer get this mail" : "Mail that you get";
  return (
    <Gate
      {...{ supplier, reader, title }}
      text={oneStop(`This link is about one kind of mail to ${person}, ${company}: ${kind}.`)}
    >
      <PostForm className="stack-4">
        {stopped ? <Notice tone="done" title={`Stopped: ${kind}`} /> : null}
        <input
          type="hidden"
          name={stopped ? "do" : "List-Unsubscribe"}
          value={stopped ? "resume" : "One-Click"}
        />
        <Button look={stopped ? "plain" : "main"} size="big" width="full">
          {stopped ? "Get this mail again" : "Stop this kind of mail"}
        </Button>
        <p className="small">
          <a href="/settings">Choose everything that you get</a>
        </p>
      </PostForm>
    </Gate>
  );
}
