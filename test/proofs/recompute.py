"""Computes an exported ledger's roots anew from docs/ledger.md alone, with nothing but Python's library."""

import base64
import hashlib
import json
import sys


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value):
    # Keys here are ASCII, so that the order of code points is that of UTF-16 code units.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def root(leaves):
    if len(leaves) == 0:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01", root(leaves[:split]), root(leaves[split:]))


def leaf(data):
    return sha256(b"\x00", data)


ledger, checkpoint = sys.argv[1:]
with open(checkpoint, encoding="utf-8") as file:
    origin, size, expected, heads = file.read().split("\n")[:4]

hashes = []
ends = {}
with open(ledger, encoding="utf-8") as file:
    for line in list(file)[: int(size)]:
        row = json.loads(line)
        commitment = sha256(bytes.fromhex(row["salt"]), row["data"].encode()).hex()
        assert commitment == row["commitment"], row["sequence"]
        assert canonical(json.loads(row["data"])) == row["data"].encode(), row["sequence"]
        header = {
            "audience": row["audience"],
            "chain": row["chain"],
            "commitment": row["commitment"],
            "invoice": row["invoiceId"],
            "occurredAt": row["occurredAt"],
            "recordedAt": row["recordedAt"],
            "sequence": row["sequence"],
            "source": json.loads(row["source"]),
            "type": f"{row['type']}@{row['typeVersion']}",
            "v": 1,
        }
        previous = ends.get(row["chain"], {"hash": "00" * 32})["hash"]
        digest = sha256(bytes.fromhex(previous), canonical(header)).hex()
        assert digest == row["hash"], row["sequence"]
        ends[row["chain"]] = {"chain": row["chain"], "hash": digest, "sequence": row["sequence"]}
        hashes.append(bytes.fromhex(digest))

assert base64.b64encode(root([leaf(each) for each in hashes])).decode() == expected
tree = root([leaf(canonical(ends[chain])) for chain in sorted(ends)])
assert heads == f"heads {len(ends)} {base64.b64encode(tree).decode()}"
print(f"{origin}: the same {len(hashes)} events")
