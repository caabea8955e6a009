import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  consistencyRanges,
  Frontier,
  inclusionRanges,
  type Range,
  nodeHash as ourNode,
  textLeafHash,
} from "#domain/merkle.ts";
import { openNote as ourOpenNote, signNote, verifierKey } from "#domain/note.ts";
import {
  leafHash,
  openNote,
  verifyByHand,
  verifyConsistency,
  verifyInclusion,
} from "../../public/verify.mjs";

const Case = z.tuple([
  z.string(),
  z.number(),
  z.number(),
  z.int(),
  z.int(),
  z.array(z.int()),
  z.boolean(),
]);
const Merkle = z.object({
  leaves: z.array(z.string()),
  roots: z.array(z.string()),
  hashes: z.array(z.string()),
  inclusion: z.array(Case).min(90),
  consistency: z.array(Case).min(90),
});
const Note = z.record(z.enum(["source", "signer", "verifier", "text", "signature"]), z.string());

function vectors<Schema extends z.ZodType>(name: string, schema: Schema): z.infer<Schema> {
  return schema.parse(JSON.parse(readFileSync(`test/vectors/${name}.json`, "utf8")));
}

const merkle = vectors("merkle", Merkle);
const hashAt = (at: number) => merkle.hashes[at] ?? "";

test("the verifier says of each published inclusion proof what its makers say", () => {
  for (const [what, place, size, root, leaf, path, valid] of merkle.inclusion) {
    const given = { place, size, root: hashAt(root), leaf: hashAt(leaf), path: path.map(hashAt) };
    expect(verifyInclusion(given), what).toBe(valid);
  }
});

test("the verifier says of each published consistency proof what its makers say", () => {
  for (const [what, first, size, firstRoot, root, path, valid] of merkle.consistency) {
    const roots = { firstRoot: hashAt(firstRoot), root: hashAt(root) };
    const given = { first, size, ...roots, path: path.map(hashAt) };
    expect(verifyConsistency(given), what).toBe(valid);
  }
});

test("roots of the published leaves are the published roots", () => {
  const bytes = merkle.leaves.map((leaf) => Buffer.from(leaf, "hex"));
  const frontier = new Frontier();
  expect(frontier.root()).toBe(merkle.roots[0]);
  for (const [index, leaf] of bytes.entries()) {
    frontier.append(leafHash(leaf));
    expect(frontier.root()).toBe(merkle.roots[index + 1]);
  }
});

/** The root of a range by the definition of RFC 6962, 2.1. */
function rootOf(leaves: string[], [start, end]: Range): string {
  const frontier = new Frontier();
  for (const leaf of leaves.slice(start, end)) frontier.append(leaf);
  return frontier.root();
}

test("every proof that the portal makes holds in the verifier, and in no tree but its own", () => {
  const leaves = Array.from({ length: 40 }, (_, index) => textLeafHash(`leaf ${index}`));
  const wrong = ourNode(textLeafHash("a"), textLeafHash("b"));
  for (let size = 1; size <= leaves.length; size++) {
    const root = rootOf(leaves, [0, size]);
    for (let place = 0; place < size; place++) {
      const path = inclusionRanges(place, size).map((range) => rootOf(leaves, range));
      const leaf = leaves[place] ?? "";
      expect(verifyInclusion({ place, size, leaf, path, root })).toBe(true);
      expect(verifyInclusion({ place, size, leaf: wrong, path, root })).toBe(false);
      const first = place + 1;
      const firstRoot = rootOf(leaves, [0, first]);
      const steps = consistencyRanges(first, size).map((range) => rootOf(leaves, range));
      const given = { first, size, firstRoot, root, path: steps };
      expect(verifyConsistency(given), `${first} in ${size}`).toBe(true);
      expect(verifyConsistency({ ...given, firstRoot: wrong })).toBe(false);
    }
  }
});

const note = vectors("note", Note);
const signed = `${note.text}\n— PeterNeumann ${note.signature}\n`;

test("the published note is signed as published, and opens by its key alone", async () => {
  const seed = Buffer.from(note.signer.slice(note.signer.lastIndexOf("+A") + 1), "base64");
  const der = Buffer.from("302e020100300506032b657004220420", "hex");
  const signer = { name: "PeterNeumann", privateKey: Buffer.concat([der, seed.subarray(1)]) };
  expect(verifierKey(signer)).toBe(note.verifier);
  expect(signNote(note.text, signer)).toBe(signed);
  expect(ourOpenNote(signed, note.verifier)).toBe(note.text);
  expect((await openNote(signed, note.verifier)).text).toBe(note.text);
  const changed = signed.replace("cryptography", "Cryptography");
  expect(() => ourOpenNote(changed, note.verifier)).toThrow("does not fit");
  await expect(openNote(changed, note.verifier)).rejects.toThrow("does not fit");
  const other = verifierKey({ ...signer, name: "Somebody" });
  await expect(openNote(signed, other)).rejects.toThrow("not signed by this public key");
});

test("where a browser has no Ed25519, the verifier's own arithmetic says the same", async () => {
  const key = Buffer.from(note.verifier.split("+").slice(2).join("+"), "base64").subarray(1);
  const signature = Buffer.from(note.signature, "base64").subarray(4);
  const message = Buffer.from(note.text);
  const bytes = (buffer: Buffer) => new Uint8Array(buffer);
  expect(await verifyByHand(bytes(key), bytes(signature), bytes(message))).toBe(true);
  for (let at = 0; at < 64; at += 7) {
    const changed = bytes(signature);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(await verifyByHand(bytes(key), changed, bytes(message))).toBe(false);
  }
  expect(await verifyByHand(bytes(key), bytes(signature), bytes(Buffer.from("no")))).toBe(false);
});
