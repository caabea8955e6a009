import { randomBytes } from "node:crypto";

let pool = Buffer.alloc(0);

/** Random bytes, fit for secrets; drawn many at a time, because each draw costs as much as a hash. */
export function drawBytes(count: number): Buffer {
  if (pool.length < count) pool = randomBytes(4096);
  const drawn = pool.subarray(0, count);
  pool = pool.subarray(count);
  return drawn;
}
