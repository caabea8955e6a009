#!/usr/bin/env node
/**
 * Checks what an invoice status portal says about its ledger, without the portal and without network.
 * One file, no dependencies; runs in Node 20 and in a browser. The formats are described in docs/ledger.md.
 *
 *   node verify.mjs <file> --key <public key> [--checkpoint <file>]... [--hashes <file>]
 *
 * <file> is a proof, a chain (both JSON) or an exported ledger (JSON Lines). --key is the ledger's public
 * key, which you have from somewhere else than the file. --checkpoint is one that you kept from before;
 * it may be given several times. --hashes is what the portal wrote with one of them: every event's hash, by
 * which the first event that was rewritten is named. Exit code 0: proved. 1: it is not what was recorded.
 * 2: cannot be read.
 */

const genesis = "0".repeat(64);

// ── SHA-256 (FIPS 180-4) ────────────────────────────────────────────────────────────────────────────

const K = new Uint32Array(64);
const H = new Uint32Array(8);
for (let count = 0, prime = 2; count < 64; prime++) {
  let divisor = 2;
  while (divisor * divisor <= prime && prime % divisor !== 0) divisor++;
  if (divisor * divisor <= prime) continue;
  if (count < 8) H[count] = (Math.sqrt(prime) % 1) * 2 ** 32;
  K[count++] = (Math.cbrt(prime) % 1) * 2 ** 32;
}
const W = new Uint32Array(64);

function compress(state, view, at) {
  for (let i = 0; i < 16; i++) W[i] = view.getUint32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15];
    const y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] + value) | 0;
}

/** SHA-256 of bytes, as bytes. */
export function sha256(bytes) {
  const padded = new Uint8Array((Math.floor((bytes.length + 8) / 64) + 1) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
  const state = H.slice();
  for (let at = 0; at < padded.length; at += 64) compress(state, view, at);
  const digest = new DataView(new ArrayBuffer(32));
  for (const [i, value] of state.entries()) digest.setUint32(4 * i, value);
  return new Uint8Array(digest.buffer);
}

const utf8 = new TextEncoder();

function join(...parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text) {
  if (typeof text !== "string" || !/^([0-9a-f]{2})*$/.test(text)) throw new Bad("is not hex");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function fromBase64(text) {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new Bad("is not base64");
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const hashOf = (...parts) => toHex(sha256(join(...parts)));

// ── Canonical JSON (RFC 8785, for whole numbers) ────────────────────────────────────────────────────

/** Keys in the order of their UTF-16 code units, no white space. */
export function canonicalJson(value) {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Bad(`holds ${value}, which is no whole number`);
    return String(value === 0 ? 0 : value);
  }
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(",")}}`;
}

// ── Merkle trees (RFC 6962, 2.1; the checks are RFC 9162, 2.1.3.2 and 2.1.4.2) ──────────────────────

export const leafHash = (bytes) => hashOf(Uint8Array.of(0), bytes);
export const nodeHash = (left, right) => hashOf(Uint8Array.of(1), fromHex(left), fromHex(right));

const areHashes = (...texts) => texts.every((text) => /^[0-9a-f]{64}$/.test(text));

/** Whether `path` leads from a leaf's hash at `place` to the root of `size` leaves. */
export function verifyInclusion({ place, size, leaf, path, root }) {
  if (!(place >= 0 && place < size && areHashes(leaf, root, ...path))) return false;
  let [at, last, joined] = [place, size - 1, leaf];
  for (const step of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      joined = nodeHash(step, joined);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      joined = nodeHash(joined, step);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && joined === root;
}

/** Whether `path` shows that the tree of `first` leaves is the beginning of the tree of `size`. */
export function verifyConsistency({ first, size, firstRoot, root, path }) {
  // Every tree begins with nothing, which proves nothing.
  if (!(first > 0 && first <= size)) return false;
  if (first === size) return path.length === 0 && firstRoot === root;
  if (!areHashes(firstRoot, root, ...path)) return false;
  const isPower = 2 ** Math.round(Math.log2(first)) === first;
  const steps = isPower ? [firstRoot, ...path] : [...path];
  if (steps.length === 0) return false;
  let [at, last] = [first - 1, size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  let [before, after] = [steps[0], steps[0]];
  for (const step of steps.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = nodeHash(step, before);
      after = nodeHash(step, after);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      after = nodeHash(after, step);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && before === firstRoot && after === root;
}

/** A tree that grows by leaves; `root()` is that of all so far. */
class Tree {
  size = 0;
  #roots = [];
  append(leaf) {
    let [joined, level] = [leaf, 0];
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2) {
      joined = nodeHash(this.#roots[level++], joined);
    }
    this.#roots[level] = joined;
    this.size += 1;
  }
  root() {
    let joined;
    for (let level = 0, rest = this.size; rest > 0; level++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      joined = joined === undefined ? this.#roots[level] : nodeHash(this.#roots[level], joined);
    }
    return joined ?? hashOf();
  }
}

// ── Ed25519 (RFC 8032) by WebCrypto, or by this file's own arithmetic where that is missing ─────────

const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a) => ((a % p) + p) % p;
function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) {
    if (e & 1n) result = mod(result * b);
  }
  return result;
}
const d = mod(-121665n * power(121666n, p - 2n));
const rootOfMinusOne = power(2n, (p - 1n) / 4n);

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2));
  const b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * t1 * t2 * d);
  const e = mod(2n * z1 * z2);
  const [f, g, h, i] = [b - a, e - c, e + c, b + a];
  return [mod(f * g), mod(h * i), mod(g * h), mod(f * i)];
}

function multiply(scalar, point) {
  let result = [0n, 1n, 1n, 0n];
  for (let s = scalar, q = point; s > 0n; s >>= 1n, q = add(q, q)) {
    if (s & 1n) result = add(result, q);
  }
  return result;
}

const littleEndian = (bytes) => BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);

function decodePoint(bytes) {
  const encoded = littleEndian(bytes);
  const y = encoded & (2n ** 255n - 1n);
  if (y >= p) return null;
  const [u, v] = [mod(y * y - 1n), mod(d * y * y + 1n)];
  let x = mod(u * v ** 3n * power(u * v ** 7n, (p - 5n) / 8n));
  if (mod(v * x * x) === mod(-u)) x = mod(x * rootOfMinusOne);
  if (mod(v * x * x) !== u) return null;
  const isOdd = encoded >> 255n;
  if (x === 0n && isOdd === 1n) return null;
  if ((x & 1n) !== isOdd) x = p - x;
  return [x, y, 1n, mod(x * y)];
}

/** Ed25519 without the platform's help: slow, and only for checking. */
export async function verifyByHand(key, signature, message) {
  const [a, r] = [decodePoint(key), decodePoint(signature.slice(0, 32))];
  const s = littleEndian(signature.slice(32));
  if (signature.length !== 64 || a === null || r === null || s >= order) return false;
  const text = join(signature.slice(0, 32), key, message);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", text));
  const base = decodePoint(fromHex(`58${"66".repeat(31)}`));
  const left = multiply(s, base);
  const right = add(r, multiply(littleEndian(digest) % order, a));
  return (
    mod(left[0] * right[2]) === mod(right[0] * left[2]) &&
    mod(left[1] * right[2]) === mod(right[1] * left[2])
  );
}

async function verifySignature(key, signature, message) {
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return {
      good: await crypto.subtle.verify("Ed25519", imported, signature, message),
      by: "platform",
    };
  } catch (error) {
    if (error?.name !== "NotSupportedError" && !(error instanceof TypeError)) throw error;
    return { good: await verifyByHand(key, signature, message), by: "hand" };
  }
}

// ── Notes and checkpoints (C2SP signed-note, tlog-checkpoint) ───────────────────────────────────────

/** What is not what was recorded; its message goes on from "Event 7 …" or "The checkpoint …". */
class Bad extends Error {}

/** The text of a note that is signed by this verifier key (`name+id+key`). Throws otherwise. */
export async function openNote(note, verifierKey) {
  const [, name, id, encoded] =
    /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(verifierKey.trim()) ?? [];
  if (!name) throw new Unreadable("The public key must look like name+0a1b2c3d+AbCd…");
  const bytes = fromBase64(encoded);
  const key = bytes.slice(1);
  const expected = hashOf(utf8.encode(`${name}\n`), bytes).slice(0, 8);
  if (bytes[0] !== 1 || key.length !== 32 || expected !== id) {
    throw new Unreadable("The public key is damaged: its parts do not belong together");
  }
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw new Bad("is not a signed note");
  const text = note.slice(0, end + 1);
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const [, by, base64] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    if (by !== name) continue;
    const signed = fromBase64(base64);
    if (toHex(signed.slice(0, 4)) !== id) continue;
    const { good, by: means } = await verifySignature(key, signed.slice(4), utf8.encode(text));
    if (!good)
      throw new Bad("has a signature that does not fit: it was changed, or made with another key");
    return { text, means };
  }
  throw new Bad("is not signed by this public key");
}

/** Origin, size and roots of a checkpoint's text. */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  const [origin, size, root, ...rest] = lines;
  if (
    lines.length < 4 ||
    lines.at(-1) !== "" ||
    origin === "" ||
    !/^(0|[1-9]\d{0,15})$/.test(size)
  ) {
    throw new Bad("is not a checkpoint");
  }
  const [, count, heads] = /^heads (0|[1-9]\d{0,15}) (\S{44})$/.exec(rest[0] ?? "") ?? [];
  return {
    origin,
    size: Number(size),
    root: toHex(fromBase64(root)),
    heads: count === undefined ? null : { count: Number(count), root: toHex(fromBase64(heads)) },
  };
}

async function openCheckpoint(note, key, what) {
  try {
    const { text, means } = await openNote(note, key);
    return { ...parseCheckpoint(text), means };
  } catch (error) {
    if (error instanceof Bad) throw new Wrong(`${what} ${error.message}`);
    throw error;
  }
}

// ── Events ──────────────────────────────────────────────────────────────────────────────────────────

/** The text that an event's commitment was computed from; null when its data is withheld. */
const textOf = ({ data }) => ((data ?? null) === null ? null : canonicalJson(data));

/** Throws Bad when an event is not what its hash says; gives the hash. */
function checkEvent({ header, hash, salt, data }, previous) {
  if (header.v !== 1)
    throw new Bad(`has a header of version ${header.v}, which this file does not know`);
  if (typeof data === "string") {
    const commitment = hashOf(fromHex(salt), utf8.encode(data));
    if (commitment !== header.commitment)
      throw new Bad("is not what was recorded: its data was changed");
  }
  const computed = hashOf(fromHex(previous), utf8.encode(canonicalJson(header)));
  if (computed !== hash) {
    throw new Bad(
      "is not what was recorded: changed, inserted or moved, its hash does not follow from its header and its chain",
    );
  }
  return computed;
}

/** The leaf of a chain's last event in the tree of heads. */
const headLeaf = (chain, { hash, sequence }) =>
  leafHash(utf8.encode(canonicalJson({ chain, hash, sequence })));

function headsRoot(heads) {
  const tree = new Tree();
  for (const chain of [...heads.keys()].sort()) tree.append(headLeaf(chain, heads.get(chain)));
  return tree.root();
}

/** The file is well-formed, but what it says is not true. */
class Wrong extends Error {
  constructor(message, firstBad = null) {
    super(message);
    this.firstBad = firstBad;
  }
}

/** The file or the key cannot be read at all. */
export class Unreadable extends Error {}

function wrongEvent(sequence, reason) {
  return new Wrong(`Event ${sequence} ${reason}`, { sequence, reason });
}

function checked(sequence, check) {
  try {
    return check();
  } catch (error) {
    if (error instanceof Bad) throw wrongEvent(sequence, error.message);
    if (error instanceof TypeError || error instanceof SyntaxError) {
      throw wrongEvent(sequence, "cannot be read");
    }
    throw error;
  }
}

const number = (value) => value.toLocaleString("en");
const withheld = (events) => events.filter(({ data }) => (data ?? null) === null).length;

// ── The three kinds of file ─────────────────────────────────────────────────────────────────────────

async function verifyProof(file, key, kept) {
  const checkpoint = await openCheckpoint(file.checkpoint, key, "The checkpoint in this file");
  if (file.events.length === 0) throw new Unreadable("There is no event in this file");
  for (const event of file.events) {
    const { sequence } = event.header;
    checked(sequence, () => {
      const data = textOf(event);
      const hash = checkEvent({ ...event, data }, event.previous);
      const { path } = event;
      const { size, root } = checkpoint;
      const leaf = leafHash(fromHex(hash));
      if (!verifyInclusion({ place: sequence - 1, size, leaf, path, root })) {
        throw new Bad("is not in the ledger that this checkpoint was made of");
      }
    });
  }
  const proved = [
    `${file.events.length === 1 ? `Event ${file.events[0].header.sequence} is` : `${number(file.events.length)} events are`} word for word in the ledger as it was at event ${number(checkpoint.size)}, at the place and with the times shown.`,
  ];
  const unproved = [
    "That there is no other event about the same invoice: this file shows what is in it, not what is not.",
    "That what was recorded is true: the ledger proves what was recorded and when, not that a system told the truth.",
  ];
  return finish(file, { checkpoint, key, kept, proved, unproved, events: file.events });
}

async function verifyChain(file, key, kept) {
  const checkpoint = await openCheckpoint(file.checkpoint, key, "The checkpoint in this file");
  if (checkpoint.heads === null) throw new Wrong("The checkpoint says nothing about chains");
  let [previous, sequence] = [genesis, 0];
  for (const event of file.events) {
    const after = sequence;
    sequence = event.header.sequence;
    previous = checked(sequence, () => {
      if (event.header.chain !== file.chain) throw new Bad("belongs to another chain");
      if (sequence <= after) throw new Bad("stands out of order");
      const data = textOf(event);
      return checkEvent({ ...event, data }, previous);
    });
  }
  const { count: size, root } = checkpoint.heads;
  const leaf = headLeaf(file.chain, { hash: previous, sequence });
  if (!verifyInclusion({ ...file.head, size, leaf, root })) {
    throw wrongEvent(
      sequence,
      "is not the last of its chain at this checkpoint: later ones are missing, or all was written anew",
    );
  }
  const proved = [
    `These ${number(file.events.length)} events are the whole record ${file.chain} as it was at event ${number(checkpoint.size)} of the ledger: none was changed, left out, added or moved.`,
  ];
  const unproved = [
    `What was recorded after event ${number(checkpoint.size)}.`,
    "That what was recorded is true: the ledger proves what was recorded and when, not that a system told the truth.",
  ];
  return finish(file, { checkpoint, key, kept, proved, unproved, events: file.events });
}

/** The same tree as a checkpoint that the reader kept, or one that grew out of it. */
async function finish(file, { checkpoint, key, kept, proved, unproved, events }) {
  if (withheld(events) > 0) {
    unproved.push(
      `What ${number(withheld(events))} of the events say: their data is not in this file, only that they exist.`,
    );
  }
  for (const note of kept) {
    const mine = await openCheckpoint(note, key, "The checkpoint that you kept");
    const { from, path } = file.consistency ?? {};
    if (mine.size === checkpoint.size) {
      if (mine.root !== checkpoint.root)
        throw new Wrong("The file was made from another ledger than the checkpoint that you kept");
      proved.push("It agrees with the checkpoint that you kept.");
    } else if (from === mine.size) {
      const grown = {
        first: from,
        size: checkpoint.size,
        firstRoot: mine.root,
        root: checkpoint.root,
        path,
      };
      if (!verifyConsistency(grown))
        throw new Wrong(
          `The ledger was rewritten since the checkpoint that you kept, within its first ${number(mine.size)} events`,
        );
      proved.push(
        `The ledger only grew since the checkpoint that you kept, which was made at event ${number(mine.size)}.`,
      );
    } else {
      unproved.push(
        `Whether it agrees with the checkpoint that you kept (at event ${number(mine.size)}): ask for a file that says so, "since" ${mine.size}.`,
      );
    }
  }
  if (kept.length === 0) {
    unproved.push(
      "That the portal shows everybody the same ledger: compare with a checkpoint that you or an auditor kept.",
    );
  }
  return { kind: file.kind, checkpoint, proved, unproved, events };
}

/** Hashes prove nothing by themselves: they have to be what a checkpoint was made of. */
function readHashes(text, checkpoints) {
  if (text === null) return [];
  if (!/^([0-9a-f]{64}\r?\n)+$/.test(text)) throw new Unreadable("The file of hashes is none");
  const hashes = text.trim().split(/\s+/);
  const tree = new Tree();
  for (const hash of hashes) tree.append(leafHash(fromHex(hash)));
  const checkpoint = checkpoints.find(({ size }) => size === hashes.length);
  if (checkpoint === undefined) {
    throw new Unreadable(`The hashes are of event ${hashes.length}: give that checkpoint, too`);
  }
  if (tree.root() === checkpoint.root) return hashes;
  throw new Unreadable("The hashes are not those that the checkpoint was made of");
}

async function verifyLedger(lines, key, kept, hashesText) {
  const checkpoints = [];
  for (const note of kept) checkpoints.push(await openCheckpoint(note, key, "The checkpoint"));
  checkpoints.sort((a, b) => a.size - b.size);
  const once = readHashes(hashesText, checkpoints);
  const [tree, heads] = [new Tree(), new Map()];
  let agreed = 0;
  const compare = (size) => {
    for (const checkpoint of checkpoints.filter((each) => each.size === size)) {
      const same =
        tree.root() === checkpoint.root &&
        (checkpoint.heads === null || headsRoot(heads) === checkpoint.heads.root);
      if (!same) {
        const firstBad = { sequence: agreed + 1, through: size, reason: "rewritten" };
        throw new Wrong(
          `The ledger was rewritten somewhere in events ${agreed + 1} to ${size}: it is not the one that the checkpoint of event ${size} was made of`,
          firstBad,
        );
      }
      agreed = size;
    }
  };
  let sequence = 0;
  for (const line of lines) {
    sequence += 1;
    const row = checked(sequence, () => readRow(line));
    checked(sequence, () => {
      const { sequence: stated } = row.header;
      if (stated < sequence) throw wrongEvent(stated, "is inserted: it stands where another was");
      if (stated !== sequence) throw new Bad("is missing: the next event is a later one");
      if (row.data === null || row.salt === null)
        throw new Bad("is not what was recorded: its data was taken out");
      const previous = heads.get(row.header.chain)?.hash ?? genesis;
      const hash = checkEvent(row, previous);
      if (sequence <= once.length && hash !== once[sequence - 1])
        throw new Bad("is rewritten: another event stood here when the checkpoint was made");
      heads.set(row.header.chain, { hash, sequence });
      tree.append(leafHash(fromHex(hash)));
    });
    compare(sequence);
  }
  const [beyond] = checkpoints.filter(({ size }) => size > sequence);
  if (beyond) {
    throw wrongEvent(sequence + 1, `is missing: the checkpoint was made at event ${beyond.size}`);
  }
  const proved = [
    `Every hash of ${number(sequence)} events in ${number(heads.size)} chains follows from what they say and from the events before them.`,
  ];
  if (agreed > 0)
    proved.push(`The first ${number(agreed)} are exactly those that the checkpoint was made of.`);
  const unproved = [
    agreed === 0
      ? "That nothing was rewritten from some point on, or cut off at the end: that shows only against a checkpoint."
      : `That nothing was rewritten or cut off after event ${number(agreed)}.`,
  ];
  return { kind: "ledger", checkpoint: checkpoints.at(-1) ?? null, proved, unproved, events: [] };
}

/** A line of `ledger export --format jsonl` as header, hash, salt and data. */
function readRow(line) {
  const row = JSON.parse(line);
  const header = {
    audience: row.audience,
    chain: row.chain,
    commitment: row.commitment,
    invoice: row.invoiceId,
    occurredAt: row.occurredAt,
    recordedAt: row.recordedAt,
    sequence: row.sequence,
    source: JSON.parse(row.source),
    type: `${row.type}@${row.typeVersion}`,
    v: 1,
  };
  if (canonicalJson(header.source) !== row.source)
    throw new Bad("has a source that is not written canonically");
  return { header, hash: row.hash, salt: row.salt, data: row.data };
}

const kinds = {
  "invoice-status-portal proof 1": { kind: "proof", verify: verifyProof },
  "invoice-status-portal chain 1": { kind: "chain", verify: verifyChain },
};

function readFileText(text) {
  try {
    const file = JSON.parse(text);
    const known = kinds[file?.format];
    if (known) {
      return (key, kept, hashes) => {
        if (hashes !== null) throw new Unreadable("Hashes go with an exported ledger, not with a proof");
        return known.verify({ ...file, kind: known.kind }, key, kept);
      };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const lines = text.split("\n").filter((line) => line !== "");
  if (!/^\{"sequence":/.test(lines[0] ?? "")) {
    throw new Unreadable(
      "This file is neither a proof, nor a chain, nor an exported ledger (JSON Lines)",
    );
  }
  return (key, kept, hashes) => verifyLedger(lines, key, kept, hashes);
}

/**
 * Checks a file's text against a public key and checkpoints that the reader kept.
 * @param {{ text: string, key: string, checkpoints?: string[], hashes?: string | null }} given
 * Gives { ok, sentence, proved, unproved, firstBad, checkpoint, events }. Throws Unreadable.
 */
export async function verifyFile({ text, key, checkpoints = [], hashes = null }) {
  const verify = readFileText(text);
  if (key.trim() === "") throw new Unreadable("The public key is missing");
  try {
    const result = await verify(key, checkpoints, hashes);
    const byHand = result.checkpoint?.means === "hand";
    const proved = byHand
      ? [
          ...result.proved,
          "(This browser has no Ed25519; the signature was checked by this page's own arithmetic.)",
        ]
      : result.proved;
    return {
      ok: true,
      sentence: "Unchanged: this is what was recorded.",
      firstBad: null,
      ...result,
      proved,
    };
  } catch (error) {
    if (error instanceof Wrong) {
      return {
        ok: false,
        sentence: `${error.message}.`,
        firstBad: error.firstBad,
        checkpoint: null,
        proved: [],
        unproved: [],
        events: [],
      };
    }
    if (error instanceof Bad || error instanceof TypeError) {
      throw new Unreadable(`The file is damaged: ${error.message}`);
    }
    throw error;
  }
}

// ── On the command line ─────────────────────────────────────────────────────────────────────────────

async function main(args) {
  const { readFile } = await import("node:fs/promises");
  const given = { files: [], key: "", checkpoints: [], hashes: null };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === "--key") given.key = args[++i] ?? "";
    else if (args[i] === "--hashes") given.hashes = await readFile(args[++i] ?? "", "utf8");
    else if (args[i] === "--checkpoint")
      given.checkpoints.push(await readFile(args[++i] ?? "", "utf8"));
    else given.files.push(args[i]);
  }
  if (given.files.length !== 1 || given.key === "") {
    throw new Unreadable(
      "node verify.mjs <file> --key <public key> [--checkpoint <file>]... [--hashes <file>]",
    );
  }
  const text = await readFile(given.files[0], "utf8");
  const { ok, sentence, proved, unproved } = await verifyFile({ ...given, text });
  console.log(sentence);
  for (const each of proved) console.log(`  proved: ${each}`);
  for (const each of unproved) console.log(`  not proved: ${each}`);
  return ok ? 0 : 1;
}

if (typeof process === "object" && process.argv?.[1]) {
  const { pathToFileURL } = await import("node:url");
  const { realpathSync } = await import("node:fs");
  if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
    try {
      process.exitCode = await main(process.argv.slice(2));
    } catch (error) {
      console.error(error instanceof Unreadable || error?.code ? error.message : error);
      process.exitCode = 2;
    }
  }
}
