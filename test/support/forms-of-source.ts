import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Tags of forms, with their attributes; an arrow inside an attribute does not end the tag. */
const formTag = /<(PostForm|AskFirst|Form|form|fetcher\.Form)\b((?:=>|[^>])*)>/g;
const app = fileURLToPath(new URL("../../app/", import.meta.url));
/** They give every PostForm and AskFirst its form, and are none of their own. */
const wrappers = ["ui/post-form.tsx", "ui/ask-first.tsx"];
const posting = new Set(["PostForm", "AskFirst"]);

/** How many forms that post each file of the pages holds, by its path below `app`. */
export async function formsOfSource(): Promise<Record<string, number>> {
  const forms: Record<string, number> = {};
  for (const path of (await readdir(app, { recursive: true })).toSorted()) {
    if (!path.endsWith(".tsx") || wrappers.includes(path)) continue;
    const text = await readFile(app + path, "utf8");
    const count = [...text.matchAll(formTag)].filter(
      ([, name = "", attributes = ""]) => posting.has(name) || /method="post"/i.test(attributes),
    ).length;
    if (count > 0) forms[path] = count;
  }
  return forms;
}
