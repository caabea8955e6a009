import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** DER before the 32 bytes of an ed25519 key: RFC 8410. */
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");
const ed25519 = 1;

export interface Signer {
  /** As it stands in the signature line: the origin of what it signs. */
  name: string;
  /** PKCS #8 in DER. */
  privateKey: Uint8Array;
}

/** C2SP signed-note: the text, which ends in a line break, with one signature line under it. */
export function signNote(text: string, { name, privateKey }: Signer): string {
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" });
  const signature = sign(null, Buffer.from(text), key);
  const signed = Buffer.concat([keyId(name, rawKey(key)), signature]).toString("base64");
  return `${text}\n— ${name} ${signed}\n`;
}

/** A verifier key as Go's sumdb/note writes it: name, key id and base64(0x01 ‖ public key). */
export function verifierKey({ name, privateKey }: Signer): string {
  const raw = rawKey(
    createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" }),
  );
  const encoded = Buffer.concat([Buffer.of(ed25519), raw]).toString("base64");
  return `${name}+${keyId(name, raw).toString("hex")}+${encoded}`;
}

/**
 * The text of a note once its signature by this verifier key was checked. Throws when the key is not
 * one, when nothing in the note is signed by it, and when its signature does not fit.
 */
export function openNote(note: string, key: string): string {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(key) ?? [];
  const bytes = Buffer.from(encoded ?? "", "base64");
  const raw = bytes.subarray(1);
  if (!name || bytes[0] !== ed25519 || raw.length !== 32 || keyId(name, raw).toString("hex") !== id)
    throw new Error("This is not the public key of a signer: name+id+key");
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw new Error("This is not a signed note");
  const text = note.slice(0, end + 1);
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const [, by, base64 = ""] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const signed = Buffer.from(base64, "base64");
    if (by !== name || signed.toString("hex", 0, 4) !== id) continue;
    const publicKey = createPublicKey({
      key: Buffer.concat([publicPrefix, raw]),
      format: "der",
      type: "spki",
    });
    if (verify(null, Buffer.from(text), publicKey, signed.subarray(4))) return text;
    throw new Error(`The signature of ${name} does not fit this note`);
  }
  throw new Error(`Nothing in this note is signed by ${name} with the key ${id}`);
}

function rawKey(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}

/** The first four bytes of SHA-256(name ‖ line break ‖ kind of signature ‖ public key). */
function keyId(name: string, publicKey: Uint8Array): Buffer {
  const digest = createHash("sha256").update(`${name}\n`).update(Buffer.of(ed25519));
  return digest.update(publicKey).digest().subarray(0, 4);
}
