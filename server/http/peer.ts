import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { type AddressRange, isWithin, rangeOf } from "#domain/address-range.ts";
import type { Config } from "#server/config.ts";

/** What is known of the other side of a connection: forwarded headers count from configured proxies only. */
export interface Peer {
  /** The caller's address in its one canonical form, e.g. `203.0.113.7` also for `::ffff:cb00:7107`. */
  remoteAddress: string;
  /** `https://portal.example`: the address that the browser used, as far as it may be believed. */
  origin: string;
  /** A machine that sent forwarded headers though TRUSTED_PROXIES does not name it; else null. */
  ignoredProxy: string | null;
}

/** Gives a function that says who is asking. Throws when TRUSTED_PROXIES holds what is no address. */
export function peerReader(config: Config): (incoming: IncomingMessage) => Peer {
  const proxies = config.trustedProxies.map(readRange);
  const isProxy = (address: string) => isWithin(proxies, address);
  const publicUrl = new URL(config.publicUrl);
  return (incoming) => {
    const peer = readAddress(incoming.socket.remoteAddress ?? "") ?? "";
    const proxied = isProxy(peer);
    const forwardedFor = proxied ? header(incoming, "x-forwarded-for") : undefined;
    const host =
      (proxied ? header(incoming, "x-forwarded-host") : undefined) ?? incoming.headers.host;
    return {
      remoteAddress: callerBehind(peer, forwardedFor, isProxy),
      origin: ownOrigin(host, publicUrl),
      ignoredProxy: !proxied && isForwarded(incoming) ? peer : null,
    };
  };
}

/** Whether TRUSTED_PROXIES names the address. */
export function isTrusted({ trustedProxies }: Config, address: string): boolean {
  return isWithin(trustedProxies.map(readRange), address);
}

function isForwarded({ headers }: IncomingMessage): boolean {
  return ["x-forwarded-for", "x-forwarded-host", "forwarded"].some((name) => name in headers);
}

/**
 * What a limit counts by: an IPv4 address, or the /64 of an IPv6 address, since one household or machine
 * owns all addresses of a /64. A text that is no address counts as itself.
 */
export function networkOf(remoteAddress: string): string {
  const address = readAddress(remoteAddress);
  if (address === null) return remoteAddress;
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv6)) return address;
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}

/** A forged Host must not reach links in mails: any but our own or a loopback one is replaced. */
function ownOrigin(host: string | undefined, publicUrl: URL): string {
  if (!host || host === publicUrl.host) return publicUrl.origin;
  const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(host);
  return loopback ? `http://${host}` : publicUrl.origin;
}

/**
 * Walks X-Forwarded-For from our side: the caller is the first hop that is none of our proxies. What stands
 * before it, the caller may have made up. A hop that cannot be read ends the walk at the proxy that wrote it.
 */
function callerBehind(
  peer: string,
  forwardedFor: string | undefined,
  isProxy: (address: string) => boolean,
): string {
  let caller = peer;
  for (const hop of forwardedFor?.split(",").reverse() ?? []) {
    if (!isProxy(caller)) return caller;
    const address = readAddress(withoutPort(hop.trim()));
    if (address === null) return caller;
    caller = address;
  }
  return caller;
}

/** Proxies write `203.0.113.7:51234`, `[2001:db8::1]:51234` and `[2001:db8::1]`, too. */
function withoutPort(hop: string): string {
  const [, bracketed] = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop) ?? [];
  if (bracketed !== undefined) return bracketed;
  const [, dotted] = /^([\d.]+):\d{1,5}$/.exec(hop) ?? [];
  return dotted ?? hop;
}

/** An address in its canonical form, an IPv4-mapped one as IPv4; null for anything else. */
function readAddress(text: string): string | null {
  const [plain = ""] = text.split("%");
  return isIP(plain) === 0 ? null : ipaddr.process(plain).toString();
}

function readRange(item: string): AddressRange {
  const range = rangeOf(item);
  if (range) return range;
  throw new Error(`TRUSTED_PROXIES: ${item} is neither an address nor a range`);
}

/** Repeated X-Forwarded-For headers come joined by commas; of others the first counts. */
function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
