import { useActionData, useLocation } from "@remix-run/react";
import { useState } from "react";

/**
 * What the page's action answered, until its reader leaves the page or sends something again. The router
 * forgets an answer whenever it loads the page's data again, which a live page does by itself.
 */
export function useAnswer<Action>(): ReturnType<typeof useActionData<Action>> {
  const { key } = useLocation();
  const answer = useActionData<Action>();
  const [kept, setKept] = useState({ key, answer });
  const isOld = kept.key !== key || (answer !== undefined && answer !== kept.answer);
  if (isOld) setKept({ key, answer });
  return isOld ? answer : kept.answer;
}
