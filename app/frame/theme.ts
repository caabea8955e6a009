/** Gives the reader's own choice from the cookie `theme`; undefined means the system decides. */
export function themeOf(cookies: string | null) {
  return /(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(cookies ?? "")?.[1];
}
