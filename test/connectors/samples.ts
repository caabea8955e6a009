import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Delivery } from "#server/connectors/contract.ts";

export interface Sample extends Delivery {
  file: string;
}

/** The recorded requests of one system, as they would arrive at `clock` (or the time they were signed). */
export function samplesOf(slug: string, clock?: Date): Sample[] {
  const folder = join(import.meta.dirname, slug);
  const files = readdirSync(folder).filter((file) => /(?<!\.headers)\.json$/.test(file));
  return files.map((file) => {
    const text = readFileSync(join(folder, file.replace(".json", ".headers.json")), "utf8");
    const { ":query": query = "", ...given } = z
      .record(z.string(), z.string())
      .parse(JSON.parse(text));
    const headers = new Headers(given);
    const receivedAt = clock ?? signedAt(headers);
    const body = readFileSync(join(folder, file));
    return { file, method: "POST", query, headers, body, receivedAt };
  });
}

function signedAt(headers: Headers): Date {
  const [, seconds] = /\bt=(\d+)/.exec(headers.get("stripe-signature") ?? "") ?? [];
  return new Date(Number(seconds ?? headers.get("webhook-timestamp")) * 1000);
}
