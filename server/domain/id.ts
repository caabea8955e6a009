import { randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** An opaque id such as `inv_7g2k…`: 16 characters of 5 random bits each behind what it is an id of. */
export function newId(prefix: string): string {
  let id = "";
  for (const byte of randomBytes(16)) id += alphabet.charAt(byte & 31);
  return `${prefix}_${id}`;
}
