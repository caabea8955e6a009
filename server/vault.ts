import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const format = 1;
// One byte of format, 8 of key id, 12 of nonce, 16 of tag, then the text.
const [idAt, nonceAt, tagAt, textAt] = [1, 9, 21, 37] as const;

interface Key {
  id: Buffer;
  key: Buffer;
}

/** What is kept for long, by what it is sealed for. */
export const sealed = {
  connections: "connection secrets",
  tokens: "oauth tokens",
  signingKey: "signing key",
} as const;

export type Vault = ReturnType<typeof openVault>;

/**
 * Seals text by AES-256-GCM under keys derived from the application's secrets, one set per purpose.
 * The first secret seals, all of them open, so a secret is replaced by putting the new one in front.
 */
export function openVault(appSecrets: readonly string[], purpose: string) {
  const keys = appSecrets.map((secret) => deriveKey(secret, purpose));
  const [current] = keys;
  if (!current) throw new Error("APP_SECRET: at least one secret is needed");
  const keyOf = (sealed: Uint8Array) =>
    keys.find(({ id }) => id.equals(sealed.subarray(idAt, nonceAt)));

  return {
    /**
     * `about` names what the text belongs to: sealed text moved elsewhere does not open. What takes the
     * place of `before` is sealed under the same secret: whoever opened that can open this.
     */
    seal(text: string, about: string, before?: Uint8Array): Buffer {
      const key = (before && keyOf(before)) ?? current;
      return seal(key, text, `${purpose}:${about}`);
    },
    /** Throws when no secret fits, or when the bytes were changed or moved. */
    open(sealed: Uint8Array, about: string): string {
      if (sealed[0] !== format) throw new Error(`The secrets of ${about} have an unknown form`);
      const key = keyOf(sealed);
      if (!key) {
        throw new Error(
          `The secrets of ${about} were sealed under another APP_SECRET: use the server's, or add the old one after a comma`,
        );
      }
      return open(key, sealed, about, purpose);
    },
    /** False for what should be sealed anew, so that the old secret can be given up. */
    isCurrent: (sealed: Uint8Array): boolean => keyOf(sealed) === current,
  };
}

function deriveKey(secret: string, purpose: string): Key {
  const derive = (what: string, length: number) =>
    Buffer.from(hkdfSync("sha256", secret, "invoice-status-portal", `${purpose} ${what}`, length));
  return { id: derive("id", nonceAt - idAt), key: derive("key", 32) };
}

function seal({ id, key }: Key, text: string, about: string): Buffer {
  const nonce = randomBytes(tagAt - nonceAt);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(format), id, nonce, cipher.getAuthTag(), sealed]);
}

function open({ key }: Key, sealed: Uint8Array, about: string, purpose: string): string {
  try {
    const decipher = createDecipheriv(algorithm, key, sealed.subarray(nonceAt, tagAt))
      .setAAD(Buffer.from(`${purpose}:${about}`))
      .setAuthTag(sealed.subarray(tagAt, textAt));
    const opened = [decipher.update(sealed.subarray(textAt)), decipher.final()];
    return Buffer.concat(opened).toString("utf8");
  } catch (cause) {
    throw new Error(`The secrets of ${about} were changed or belong to something else`, { cause });
  }
}
