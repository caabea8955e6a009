import {
  Form,
  type FormProps,
  useLocation,
  useNavigation,
  useRouteLoaderData,
} from "@remix-run/react";
import { createContext, type FormEvent, useContext, useEffect, useRef, useState } from "react";
import { useAnswer } from "./answer.ts";
import { useDraft } from "./draft.ts";
import type { loader as rootLoader } from "#app/root.tsx";
import { personMeta } from "#domain/shown-person.ts";

const SendingContext = createContext(false);

/** Whether the form around is being sent, or another one of the page. */
export function useSending(): boolean {
  return useContext(SendingContext);
}

/**
 * A form that changes something. While it is sent its buttons say so and nothing on the page is sent
 * again. `onSent` is called once it was taken. `draft` names what is written in it: kept in this tab,
 * also over a lost connection or a new page, until it was taken. Works without JavaScript.
 */
export function PostForm({
  onSent,
  draft,
  onSubmit,
  children,
  ...form
}: FormProps & { onSent?: () => void; draft?: string }) {
  const element = useRef<HTMLFormElement>(null);
  const forget = useDraft(element, draft);
  const { isSending, press } = useSubmission(() => {
    if (draft !== undefined) element.current?.reset();
    forget();
    onSent?.();
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    if (isSending) return event.preventDefault();
    onSubmit?.(event);
    if (!event.defaultPrevented && !form.reloadDocument) press();
  };
  return (
    <SendingContext.Provider value={isSending}>
      <Form {...form} method="post" ref={element} onSubmit={submit} aria-busy={isSending}>
        <ShownPerson />
        {children}
        <span className="sr" role="status">
          {isSending ? "Sending" : null}
        </span>
      </Form>
    </SendingContext.Provider>
  );
}

/** For whom the page was drawn, so that a form without scripts is not taken as another person's either. */
function ShownPerson() {
  const person = useRouteLoaderData<typeof rootLoader>("root")?.person;
  return person ? <input type="hidden" name={personMeta} value={person} /> : null;
}

/** Follows a submission from its press until the page has its answer. */
function useSubmission(onSent: () => void) {
  const { state, formMethod } = useNavigation();
  const { key } = useLocation();
  const answer = useAnswer();
  const [pressed, setPressed] = useState<{ key: string; answer: unknown } | null>(null);
  const [taken, setTaken] = useState(0);
  // What was taken leads to a place without an answer; what was refused is answered here.
  if (pressed !== null && state === "idle" && (pressed.key !== key || pressed.answer !== answer)) {
    setPressed(null);
    if (answer === undefined) setTaken(taken + 1);
  }
  const latest = useRef(onSent);
  useEffect(() => {
    latest.current = onSent;
  });
  useEffect(() => {
    if (taken > 0) latest.current();
  }, [taken]);
  return {
    isSending: pressed !== null || (state !== "idle" && formMethod === "POST"),
    press: () => setPressed({ key, answer }),
  };
}
