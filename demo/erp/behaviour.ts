import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

/** How the ERP answers the portal; its pages for people always work. */
export const Behaviour = z.discriminatedUnion("mode", [
  z.object({ mode: z.literal("normal") }),
  z.object({ mode: z.literal("fail") }),
  z.object({ mode: z.literal("slow"), seconds: z.coerce.number().int().min(1).max(120) }),
  z.object({ mode: z.literal("down") }),
  z.object({ mode: z.literal("refuse"), reason: z.string().trim().min(1).max(300) }),
]);
export type Behaviour = z.infer<typeof Behaviour>;

/** One sentence about what a behaviour does. */
export function describe(behaviour: Behaviour): string {
  switch (behaviour.mode) {
    case "normal":
      return "Works normally";
    case "fail":
      return "Fails: every call of the portal is answered 503";
    case "slow":
      return `Slow: every call of the portal is answered after ${behaviour.seconds} s`;
    case "down":
      return "Down: every connection of the portal is closed without an answer";
    case "refuse":
      return `Refuses write-backs with 422: ${behaviour.reason}`;
  }
}

/** What stops a call before it is looked at: an answer, a closed connection, or nothing (null). */
export async function interfere(
  behaviour: Behaviour,
  { isWriteBack, signal }: { isWriteBack: boolean; signal: AbortSignal },
): Promise<{ status: number; detail: string } | "hang-up" | null> {
  switch (behaviour.mode) {
    case "normal":
      return null;
    case "fail":
      return { status: 503, detail: "The ERP is out of order" };
    case "slow":
      return pause(behaviour.seconds * 1000, null, { signal }).catch((error: unknown) => {
        if (signal.aborted) return "hang-up" as const;
        throw error;
      });
    case "down":
      return "hang-up";
    case "refuse":
      return isWriteBack ? { status: 422, detail: behaviour.reason } : null;
  }
}
