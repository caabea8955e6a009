/** Characters of a fingerprint that tell something: fewer fit by chance. */
export const fewestOfFingerprint = 8;

/** A fingerprint as somebody copied it: mails write it in groups, or only its beginning. */
export function readFingerprint(text: string): string {
  return text.replaceAll(/\s/g, "").toLowerCase().slice(0, 64);
}

/** Whether a fingerprint, as `readFingerprint` gives it, is that of a record with this hash. */
export function compareFingerprint(hash: string, given: string): "same" | "different" | "short" {
  if (!hash.startsWith(given)) return "different";
  return given.length < fewestOfFingerprint ? "short" : "same";
}
