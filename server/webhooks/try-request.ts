import type { Change, InvoiceRef } from "#domain/change.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { Answer, Delivery, Rejected } from "#server/connectors/contract.ts";
import { RequestError } from "#server/errors.ts";
import { NotAuthentic, requireAuthentic } from "./authentic.ts";
import { handshakeOf } from "./handshake.ts";
import { parseBody } from "./parse-body.ts";
import { answerToUnusable } from "./receive.ts";

/** What the portal would make of a request: the answer to its sender, and what the ledger would be told. */
export interface Tried extends Required<Answer> {
  /** It only asked whether the portal is there, or was a test message: nothing is stored of it. */
  handshake: boolean;
  /** The sender proved who it is; null: the request was answered before that was asked. */
  verified: boolean | null;
  /** Why it was refused, or why nothing of it can be used. */
  reason: string | null;
  changes: Change[];
  rejected: Rejected[];
  /** The invoices that the portal would ask the system about. */
  fetches: InvoiceRef[];
}

const nothing = { changes: [], rejected: [], fetches: [] };

/** Runs handshake, verification and parsing of one request. Stores nothing and asks nobody. */
export function tryRequest(connector: BoundConnector, delivery: Delivery): Tried {
  let verified: boolean | null = null;
  try {
    const greeting = handshakeOf(connector, delivery);
    if (greeting) return { ...answeredBy(greeting), handshake: true, verified };
    verified = false;
    requireAuthentic(connector, delivery);
    verified = true;
    if (connector.isPing(delivery)) {
      return { ...answeredBy(connector.accepted), handshake: true, verified };
    }
    return { ...read(connector, delivery), handshake: false, verified };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const isSilent = error instanceof NotAuthentic || connector.refusesSilently;
    const { status, headers, message } = error;
    const answer = { status, headers, body: isSilent ? "" : message };
    return { ...answeredBy(answer), handshake: false, verified, reason: message };
  }
}

/** What an authentic request says; only a sender that is somebody's own code is told that it is unusable. */
function read(connector: BoundConnector, delivery: Delivery) {
  try {
    const { changes, rejected } = parseBody(connector, delivery);
    const fetches = changes.flatMap((each) => (each.kind === "fetch" ? [each.invoice] : []));
    const others = changes.filter(({ kind }) => kind !== "fetch");
    return { ...answeredBy(connector.accepted), changes: others, rejected, fetches };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const answer = connector.answersUnusable ? answerToUnusable(error) : connector.accepted;
    return { ...answeredBy(answer), reason: error.message };
  }
}

function answeredBy({ status, headers = {}, body = "" }: Answer) {
  return { status, headers, body, reason: null, ...nothing };
}
