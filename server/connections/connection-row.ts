import { type ConnectionInput, requireSystem } from "./connection-input.ts";
import type { Vault } from "#server/vault.ts";

/** What a row keeps of a description, its secrets sealed. `now` is an instant. */
export function rowOf(input: ConnectionInput, { vault, now }: { vault: Vault; now: string }) {
  return {
    name: nameOf(input),
    settings: JSON.stringify(input.settings),
    secrets: vault.seal(JSON.stringify(input.secrets), input.id),
    receives_disputes_at: input.receivesDisputes ? now : null,
    app: input.app ?? null,
    account: input.account ?? null,
  };
}

/** How people call it: its own name, else its system's. */
export function nameOf({ name, system }: ConnectionInput): string {
  return name ?? requireSystem(system).name;
}
