import { hash } from "node:crypto";

/** Reused for every hash: allocating costs more than hashing. */
const scratch = Buffer.allocUnsafe(65_536);
/** The beginning of `scratch`, by length: making a view costs as much as hashing it. */
const views: Buffer[] = [];

/** SHA-256(bytes, given in hex ‖ text in UTF-8), hex. */
export function sha256Of(hex: string, text: string): string {
  const most = hex.length / 2 + text.length * 3;
  if (most > scratch.length) {
    return hash("sha256", Buffer.concat([Buffer.from(hex, "hex"), Buffer.from(text)]), "hex");
  }
  const prefix = scratch.write(hex, 0, "hex");
  const length = prefix + scratch.write(text, prefix);
  return hash("sha256", (views[length] ??= scratch.subarray(0, length)), "hex");
}
