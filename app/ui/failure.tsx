import { isRouteErrorResponse, useLocation, useRevalidator } from "@remix-run/react";
import { useEffect, useSyncExternalStore } from "react";
import { untilAnswering } from "#app/http/patient-fetch.ts";
import { useReference } from "#app/http/reference.ts";
import { Sign } from "./icons.tsx";

const answers = {
  offline: {
    title: "You are offline",
    text: "The page could not be fetched. It comes back by itself as soon as you are connected.",
  },
  unreachable: {
    title: "The portal did not answer",
    text: "It may be restarting, or your connection is weak. The page comes back by itself.",
  },
  403: {
    title: "You cannot do this",
    text: "Your account has no right to it. An administrator of your company can change that.",
  },
  404: {
    title: "There is nothing at this address",
    text: "The address may be mistyped, or what it shows may belong to another of your companies.",
  },
  429: {
    title: "That was too often in a short time",
    text: "Please wait a few minutes, then try again. Nothing you did was lost.",
  },
  other: {
    title: "This could not be done",
    text: "What was sent does not fit what is recorded here. Please go back and look again.",
  },
  500: {
    title: "We could not show this page",
    text: "The fault is ours and has been recorded. What you had already sent is kept.",
  },
};

/** The whole page when a loader, an action or a component failed and there is no frame around it. */
export function FailurePage({ error, supplier }: { error: unknown; supplier: string | undefined }) {
  return (
    <>
      {supplier === undefined ? null : (
        <header className="top">
          <div className="page top__in">
            <a className="maker" href="/">
              <Sign name={supplier} />
              {supplier}
            </a>
          </div>
        </header>
      )}
      <main id="content" className="page">
        <Failure error={error} />
      </main>
    </>
  );
}

/** What is the case, and what to do: the content of a page that failed, in words for its reader. */
export function Failure({
  error,
  reader = "customer",
}: {
  error: unknown;
  reader?: "customer" | "supplier";
}) {
  const online = useOnline();
  const { pathname, search } = useLocation();
  useRecovery(isLostConnection(error));
  const answer = online ? answerTo(error, reader) : answers.offline;
  const { title, text } = answer;
  const isGone = isRouteErrorResponse(error) && (error.status === 403 || error.status === 404);
  return (
    <>
      <header className="head">
        <div className="stack">
          <h1>{title}</h1>
          <p className="measure">{text}</p>
          {answer === answers[500] ? <Reference /> : null}
        </div>
      </header>
      <p className="row">
        {isGone ? null : (
          <a className="btn btn--main" href={pathname + search}>
            Try again
          </a>
        )}
        <a className={isGone ? "btn btn--main" : "btn"} href="/">
          Go to the first page
        </a>
      </p>
    </>
  );
}

/** Where people of the supplier are told something else. */
const supplierTexts = {
  403: "Your role has no right to it. An administrator can change that.",
  404: "The address may be mistyped, or what it showed is no longer here.",
};

/** What to quote; what a component of the page threw has nothing in the log. */
function Reference() {
  const reference = useReference();
  if (reference === null) return null;
  return (
    <p className="measure">
      If you ask us about it, please quote <b>{reference}</b>.
    </p>
  );
}

/** Gives title and text for an error. A refusal's own words are told, those of a fault of ours never. */
export function answerTo(error: unknown, reader: "customer" | "supplier" = "customer") {
  if (isLostConnection(error)) return answers.unreachable;
  if (!isRouteErrorResponse(error)) return answers[500];
  const { status } = error;
  if (reader === "supplier" && (status === 403 || status === 404)) {
    return withReason({ ...answers[status], text: supplierTexts[status] }, error);
  }
  if (status === 403 || status === 404 || status === 429) return withReason(answers[status], error);
  return status < 500 ? withReason(answers.other, error) : answers[500];
}

/** Remix's own refusals ("Error: No route matches …") are not written for readers; nor is the title twice. */
function withReason(answer: { title: string; text: string }, { data }: { data: unknown }) {
  const told =
    typeof data === "string" &&
    data !== "" &&
    data !== `${answer.title}.` &&
    !data.startsWith("Error:");
  return told ? { ...answer, text: data } : answer;
}

/** Each browser words it differently: "Failed to fetch", "NetworkError …", "Load failed". */
function isLostConnection(error: unknown) {
  return (
    error instanceof TypeError && /failed to fetch|networkerror|load failed/i.test(error.message)
  );
}

/** Loads the page again once the portal answers. */
function useRecovery(isLost: boolean): void {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    if (!isLost) return;
    const ended = new AbortController();
    untilAnswering(ended.signal).then(revalidate, () => {
      // Called off: the page went away.
    });
    return () => ended.abort();
  }, [isLost, revalidate]);
}

function useOnline() {
  return useSyncExternalStore(
    (changed) => {
      addEventListener("online", changed);
      addEventListener("offline", changed);
      return () => {
        removeEventListener("online", changed);
        removeEventListener("offline", changed);
      };
    },
    () => navigator.onLine,
    () => true,
  );
}
