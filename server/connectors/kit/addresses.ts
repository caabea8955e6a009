import { lookup as resolve } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { type AddressRange, isWithin, rangeOf } from "#domain/address-range.ts";

/** Private, loopback, link-local, shared, reserved, multicast, and IPv6 forms that hide an IPv4 address. */
const refusedRanges = [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24",
  "192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24",
  "224.0.0.0/4 240.0.0.0/4",
  "::/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7",
  "5f00::/16 fe80::/10 fec0::/10 ff00::/8",
].flatMap((ranges) => ranges.split(" "));

/** Where a request may go: said by a name that was not in the request's own words. */
export class RefusedAddress extends Error {
  override name = "RefusedAddress";
}

/**
 * Decides which addresses may be called. `allow` names ranges (CIDR) that are called though they
 * are private. Throws at once when one of them is no range.
 */
export function addressGuard(allow: readonly string[]) {
  const refused = refusedRanges.map(readRange);
  const allowed = allow.map(readRange);
  const isAllowed = (address: string) =>
    isIP(address) !== 0 && (isWithin(allowed, address) || !isWithin(refused, address));

  /** Throws RefusedAddress when the URL names such an address itself: no name is looked up for it. */
  function requireLiteral(url: URL): void {
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    if (isIP(host) !== 0 && !isAllowed(host)) throw refusal(host);
  }

  /** Resolves a name to the addresses that may be called; the connection is made to these very ones. */
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "");
      const usable = addresses.filter(({ address }) => isAllowed(address));
      const [first] = usable;
      if (!first) return callback(refusal(hostname), "");
      if (options.all) return callback(null, usable);
      return callback(null, first.address, first.family);
    });
  };
  return { requireLiteral, lookup };
}

function refusal(host: string): RefusedAddress {
  return new RefusedAddress(
    `${host} is a private address: name its range in OUTBOUND_ALLOW to allow it`,
  );
}

function readRange(range: string): AddressRange {
  const read = rangeOf(range);
  if (read) return read;
  throw new Error(`${range} is not a range of addresses such as 10.0.0.0/8`);
}
