import { IncomingMessage } from "node:http";

/**
 * The requests of a server that takes an `Upgrade` only where `isTaken` says so. Node would hand each one with
 * that header to the listener of WebSockets; what nobody takes is answered as if it did not have it (RFC 9110,
 * 7.8), e.g. the `h2c` that Java's HttpClient offers.
 */
export function upgradingWhere(isTaken: (incoming: IncomingMessage) => boolean) {
  return class extends IncomingMessage {
    asksForUpgrade = false;

    /** Node sets it once the request line is read, and asks when the headers are. */
    set upgrade(asks: boolean | null) {
      this.asksForUpgrade = asks === true;
    }

    get upgrade(): boolean {
      return this.asksForUpgrade && (this.method === "CONNECT" || isTaken(this));
    }
  };
}
