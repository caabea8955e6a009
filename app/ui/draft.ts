import { type RefObject, useCallback, useEffect } from "react";
import { shownPerson } from "#app/access/shown-person.ts";

/**
 * Keeps what a person writes in a form's text areas in this tab, under `name`, and puts it back into those
 * that are empty when the page comes again. Gives what forgets it.
 */
export function useDraft(form: RefObject<HTMLFormElement>, name: string | undefined): () => void {
  useEffect(() => {
    const element = form.current;
    if (element === null || name === undefined) return;
    for (const area of element.querySelectorAll("textarea")) {
      area.value ||= sessionStorage.getItem(keyOf(name, area)) ?? "";
    }
    const keep = ({ target }: Event) => {
      if (!(target instanceof HTMLTextAreaElement)) return;
      if (target.value === "") sessionStorage.removeItem(keyOf(name, target));
      else sessionStorage.setItem(keyOf(name, target), target.value);
    };
    element.addEventListener("input", keep);
    return () => element.removeEventListener("input", keep);
  }, [form, name]);
  return useCallback(() => {
    if (name === undefined) return;
    for (const area of form.current?.querySelectorAll("textarea") ?? []) {
      sessionStorage.removeItem(keyOf(name, area));
    }
  }, [form, name]);
}

/** What is written in the text area `text` of a form under this name, "" for nothing; in a browser alone. */
export function readDraft(name: string): string {
  return sessionStorage.getItem(keyOf(name, { name: "text" })) ?? "";
}

/** Forgets it. */
export function dropDraft(name: string): void {
  sessionStorage.removeItem(keyOf(name, { name: "text" }));
}

/** Whether a draft was sent: it stands among what was said. Forms send other ends of lines, trimmed. */
export function isSaid(draft: string, said: readonly string[]): boolean {
  const plain = (text: string) => text.trim().replaceAll("\r\n", "\n");
  return said.some((one) => plain(one) === plain(draft));
}

function keyOf(name: string, { name: area }: { name: string }): string {
  return `draft ${shownPerson()} ${name} ${area}`;
}
