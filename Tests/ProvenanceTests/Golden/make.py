#!/usr/bin/env python3
"""Writes the golden files beside it: an independent reading of the log's format, in the standard library and openssl.

  moments.txt        microseconds since 1970 and the text that datetime makes of them
  roots.txt          number of leaves and the Merkle root by the recursive definition of RFC 6962, section 2.1
  provenance.jsonl   a small log, and
  provenance.head    its head
  signed.jsonl       a log that names its key, and
  signed.head        its head with a signature that the openssl program made
"""
import base64
import datetime
import hashlib
import json
import pathlib
import random
import subprocess
import tempfile

here = pathlib.Path(__file__).parent
rng = random.Random(20261120)


def sha(data):
    return hashlib.sha256(data).digest()


def leaf(line):
    return sha(b"\0" + line)


def root(leaves):
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha(b"\1" + root(leaves[:k]) + root(leaves[k:]))


epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
limit = int((datetime.datetime(9999, 12, 31, tzinfo=datetime.timezone.utc) - epoch).total_seconds()) * 10**6
moments = [0, 1, -1, 951782399999999, 951782400000000, 1709164800000000, 4107542400000000, limit]
moments += [rng.randrange(-62135596800000000, limit) for _ in range(300)]
with open(here / "moments.txt", "w") as out:
    for moment in moments:
        when = epoch + datetime.timedelta(microseconds=moment)
        text = f"{when.year:04}-" + when.strftime("%m-%dT%H:%M:%S.%fZ")
        out.write(f"{moment} {text}\n")

with open(here / "roots.txt", "w") as out:
    leaves = []
    for count in range(0, 70):
        out.write(f"{count} {root(leaves).hex()}\n")
        leaves.append(leaf(f"line {count}".encode()))

log_id = "6f0c2f1e-7a51-4b06-9d6d-0a5c3b7f4e21"
voxels = {"algorithm": "sha256-voxels-as-stored", "digest": "33" * 32}
scan = {
    "in": [{"role": "image", "name": "sub-01_T1w.nii", "sha256": "11" * 32, "bytes": 352, "voxels": voxels}],
    "out": {"role": "image", "name": "sub-01_smooth.nii", "sha256": "22" * 32, "bytes": 352, "voxels": voxels},
    "chain_sha256": "44" * 32,
}
events = [
    ("genesis", {"format": "medfilter-provenance/1", "log": log_id}),
    ("run_start", {"job_sha256": "55" * 32}),
    ("kernel", {"taps": ["0x1p-2", "0x1p-1", "0x1p-2"]}),
    ("prepared", scan),
    ("output", {**scan, "seconds": 0.25, "note": "é \u2028 \" \\"}),
    ("run_end", {"ok": 1, "failed": 0, "status": "complete"}),
]


def write_log(name, events, sign=None):
    prev = sha(b"medfilter-provenance/1\n" + log_id.encode())
    lines = []
    for seq, (kind, fields) in enumerate(events):
        own = {"v": 1, "seq": seq, "prev": prev.hex(), "time": f"2026-11-20T23:00:0{seq}.000000Z", "type": kind}
        line = json.dumps({**own, **fields}, ensure_ascii=False, separators=(",", ":"))
        lines.append(line.replace("\u2028", "\\u2028").encode())
        prev = leaf(lines[-1])
    (here / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    top = base64.b64encode(root([leaf(line) for line in lines])).decode()
    head = f"medfilter/{log_id}\n{len(lines)}\n{top}\n"
    (here / f"{name}.head").write_text(head + (sign(head) if sign else ""))


write_log("provenance", events)

# The first key pair of RFC 8032, section 7.1.
seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


def sign(head):
    """The lines of https://c2sp.org/signed-note that follow the text."""
    with tempfile.TemporaryDirectory() as folder:
        key, text = pathlib.Path(folder, "key"), pathlib.Path(folder, "text")
        key.write_bytes(bytes.fromhex("302e020100300506032b657004220420") + seed)
        text.write_bytes(head.encode())
        signature = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key, "-in", text],
            check=True, capture_output=True,
        ).stdout
    name = f"medfilter/{log_id}"
    key_id = sha(name.encode() + b"\n\x01" + public)[:4]
    return f"\n— {name} {base64.b64encode(key_id + signature).decode()}\n"


key = ("key", {"algorithm": "ed25519", "public_key": base64.b64encode(public).decode()})
write_log("signed", events[:1] + [key] + events[1:], sign)
