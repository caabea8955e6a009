/** Where the standalone verifier is served, as it is; the page loads it ahead, to work offline. */
export const verifierAddress = "/verify.mjs";

/** What a file proves, in plain words. */
export interface Report {
  ok: boolean;
  sentence: string;
  proved: string[];
  unproved: string[];
  checkpoint: { origin: string; size: number } | null;
  events: ProvedEvent[];
}

export interface ProvedEvent {
  header: { sequence: number; type: string; occurredAt: string; recordedAt: string };
  hash: string;
  data: unknown;
}

interface Verifier {
  verifyFile(given: { text: string; key: string; checkpoints: string[] }): Promise<Report>;
}

/** Checks a file by the standalone verifier, in this browser. Throws with what cannot be read. */
export async function checkFile(given: { file: File; key: string; kept: File[] }): Promise<Report> {
  // Not bundled: what checks here is the same file that anybody can download and read.
  const verifier: Verifier = await import(/* @vite-ignore */ verifierAddress);
  const checkpoints = await Promise.all(given.kept.map((file) => file.text()));
  return verifier.verifyFile({ text: await given.file.text(), key: given.key, checkpoints });
}
