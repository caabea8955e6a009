import { type MailTreatment, startScriptedRelay } from "../support/scripted-relay.ts";

export interface TakenMail {
  messageId: string;
  to: string;
  /** Which start of the portal sent it. */
  life: number;
  /** The relay never said that it took it. */
  lost: boolean;
}

export type Relay = Awaited<ReturnType<typeof startRelay>>;

/** A relay that keeps what it took, dropped connections or not. */
export async function startRelay() {
  const taken: TakenMail[] = [];
  const state = {
    life: 0,
    treat: (_to: string): MailTreatment => "take",
    onTaken: (): void => undefined,
  };
  const relay = await startScriptedRelay({
    treat: (to) => state.treat(to),
    keep({ raw, to, lost }) {
      const [, messageId = ""] = /^message-id:\s*(\S+)/im.exec(raw) ?? [];
      taken.push({ messageId, to, life: state.life, lost });
      state.onTaken();
    },
  });
  return {
    ...relay,
    taken,
    /** `treat` says what happens to each message; `onTaken` is called before one is answered. */
    state,
  };
}
