"""Bad and odd compressed files; rows as in catalogue.py."""

import struct

from scans import gzipped, header1, scan

DIMS = [6, 5, 4]
SOUND = scan(DIMS)


def gz(content):
    return {"x.nii.gz": content}


def changed(content, offset, bits=1):
    copy = bytearray(content)
    copy[offset] ^= bits
    return bytes(copy)


def other_voxel():
    """Deflate that decodes to another voxel, with the checksum of the right one."""
    return gzipped(changed(SOUND, 400))[:-8] + gzipped(SOUND)[-8:]


def large_tail():
    """A stream whose trailer begins on an 8 KiB boundary of the file, with a wrong checksum."""
    content = scan([32, 32, 8], "uint8")
    header = gzipped(content)
    padding = -(len(header) - 8) % 8192
    return changed(gzipped(content, name=b"n" * (padding - 1)), -8)


def zstd(content, checksum=False, size=True, window=None, dictionary=None):
    """One frame of raw blocks, written by hand: what any decoder must take."""
    flags = (0x80 if size else 0) | (4 if checksum else 0) | (1 if dictionary else 0)
    frame = b"\x28\xb5\x2f\xfd" + bytes([flags, 0x40 if window is None else window])
    frame += bytes([dictionary]) if dictionary else b""
    frame += struct.pack("<I", len(content) if size is True else size) if size else b""
    for start in range(0, len(content), 1 << 17):
        block = content[start : start + (1 << 17)]
        last = start + len(block) == len(content)
        frame += struct.pack("<I", len(block) << 3 | last)[:3] + block
    # Not the true checksum: there is no xxhash in Python's library.
    return frame + (b"\0\0\0\0" if checksum else b"")


def zst(content):
    return {"x.nii.zst": content}


def skippable(length):
    return struct.pack("<II", 0x184D2A50, length) + bytes(length)


STREAMS = [
    ("f01 nothing", "E_IN_EMPTY", {"x.nii": b""}),
    ("f01b nothing, compressed", "E_IN_EMPTY", gz(b"")),
    ("f03 header only", "E_TRUNCATED", {"x.nii": bytes(header1([64, 64, 64])) + bytes(4)}),
    ("f04 a byte short", "E_TRUNCATED", {"x.nii": SOUND[:-1]}),
    ("f05 zeros behind", None, {"x.nii": SOUND + bytes(100)}),
    ("f05b bytes behind", "E_TRAILING", {"x.nii": SOUND + b"junk"}),
    ("g00 sound", None, gz(gzipped(SOUND))),
    ("g01 cut", "E_GZ_TRUNCATED", gz(gzipped(SOUND)[:-60])),
    ("g01b no trailer", "E_GZ_TRUNCATED", gz(gzipped(SOUND)[:-8])),
    ("g02 checksum wrong", "E_GZ_CRC", gz(changed(gzipped(SOUND), -8))),
    ("g02 checksum wrong, trailer on 8 KiB", "E_GZ_CRC", gz(large_tail())),
    ("g02b length wrong", "E_GZ_SIZE", gz(changed(gzipped(SOUND), -4))),
    ("g03 another voxel", "E_GZ_CRC", gz(other_voxel())),
    ("g04 two members", None, gz(gzipped(SOUND[:400]) + gzipped(SOUND[400:]))),
    ("g05 garbage behind", "E_TRAILING", gz(gzipped(SOUND) + b"garbage")),
    ("g05b zeros behind", None, gz(gzipped(SOUND) + bytes(512))),
    ("g05c a member more", "E_TRAILING", gz(gzipped(SOUND) + gzipped(b"more data"))),
    ("g06 plain, named .gz", "E_FMT_MISMATCH", gz(SOUND)),
    ("g07 gzip, named .nii", "E_FMT_MISMATCH", {"x.nii": gzipped(SOUND)}),
    ("g08 a bomb behind", "E_LIMIT", gz(gzipped(SOUND + bytes(64 << 20)))),
    ("g09 large and honest", None, gz(gzipped(scan([256, 256, 64], "uint8")))),
    ("g10 a path as name", None, gz(gzipped(SOUND, name=b"../../etc/passwd"))),
    ("g10b reserved flags", "E_GZ_FORMAT", gz(changed(gzipped(SOUND), 3, 0x80))),
    ("g11 an empty member", "E_IN_EMPTY", gz(gzipped(b""))),
    ("g11b a million empty members", "E_LIMIT", gz(gzipped(b"") * 1_000_000)),
    ("g13 unknown method", "E_GZ_FORMAT", gz(changed(gzipped(SOUND), 2, 0x0F))),
    ("g14 gzip twice", "E_FMT_UNKNOWN", gz(gzipped(gzipped(SOUND)))),
    ("z00 sound", None, zst(zstd(SOUND))),
    ("z01 cut", "E_ZST_TRUNCATED", zst(zstd(SOUND)[:-60])),
    ("z02 checksum wrong", "E_ZST_CHECKSUM", zst(zstd(SOUND, checksum=True))),
    ("z03 no size", None, zst(zstd(SOUND, size=False))),
    ("z04 a skippable frame first", None, zst(skippable(1000) + zstd(SOUND))),
    ("z04b 2,000 skippable frames", "E_LIMIT", zst(skippable(4) * 2000 + zstd(SOUND))),
    ("z05 two frames", None, zst(zstd(SOUND[:400]) + zstd(SOUND[400:]))),
    ("z06 a window of 2^41", "E_ZST_WINDOW", zst(zstd(SOUND, size=False, window=0xF8))),
    ("z07 claims 2^32 - 1 bytes", "E_ZST_FORMAT", zst(zstd(SOUND, size=2**32 - 1))),
    ("z08 a dictionary", "E_ZST_DICT", zst(zstd(SOUND, dictionary=7))),
    ("z09 garbage behind", "E_TRAILING", zst(zstd(SOUND) + b"garbage")),
    ("z09b an old frame", "E_FMT_MISMATCH", zst(b"\x27\xb5\x2f\xfd" + zstd(SOUND)[4:])),
]
