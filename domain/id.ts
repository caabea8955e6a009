import { drawBytes } from "./random.ts";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeCharacters = 9;
const randomCharacters = 11;

/**
 * An opaque id such as `inv_01kafp…`, for naming and not for secrets: the time in milliseconds before
 * 55 random bits, so that new rows stand side by side in an index.
 */
export function newId(prefix: string): string {
  let time = Date.now();
  let id = "";
  for (let place = 0; place < timeCharacters; place++) {
    id = alphabet.charAt(time % 32) + id;
    time = Math.floor(time / 32);
  }
  for (const byte of drawBytes(randomCharacters)) id += alphabet.charAt(byte & 31);
  return `${prefix}_${id}`;
}
