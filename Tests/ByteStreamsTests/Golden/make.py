"""Makes the compressed files that the tests decode: streams written by other programs, with every optional field.

Needs python3 and the zstd program (made with Python 3.11.7 and zstd 1.5.4). Run it in this folder.
The payload is the same in all: see GoldenTests.swift.
"""

import gzip
import io
import struct
import subprocess
import zlib

PAYLOAD = bytes(i * i // 32 % 23 for i in range(3000))


def member(flags: int, fields: bytes, payload: bytes, level: int = 6) -> bytes:
    """A gzip member whose optional header fields are given as bytes."""
    header = b"\x1f\x8b\x08" + bytes([flags]) + struct.pack("<I", 1234567890) + b"\x02\x03" + fields
    if flags & 2:
        header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    data = deflater.compress(payload) + deflater.flush()
    return header + data + struct.pack("<II", zlib.crc32(payload), len(payload))


def python_gzip() -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile("../../etc/passwd", "wb", 6, file, mtime=1) as stream:
        stream.write(PAYLOAD)
    return file.getvalue()


def zstd(*options: str) -> bytes:
    """From standard input, so that the size is unknown unless it is given."""
    return subprocess.run(["zstd", "-q", "-c", *options], input=PAYLOAD, stdout=subprocess.PIPE, check=True).stdout


EXTRA = struct.pack("<H", 6) + b"BC\x02\x00\x00\x00"
FILES = {
    "python.gz": python_gzip(),
    "fields.gz": member(1 | 2 | 4 | 8 | 16, EXTRA + b"name\0" + b"comment\xff\0", PAYLOAD),
    "stored.gz": member(0, b"", PAYLOAD, level=0),
    "members.gz": member(8, b"a\0", PAYLOAD[:1000]) + member(0, b"", b"") + member(2, b"", PAYLOAD[1000:]),
    "size.zst": zstd(f"--stream-size={len(PAYLOAD)}"),
    "nosize.zst": zstd("-9"),
    "nocheck.zst": zstd("--no-check"),
    "window28.zst": zstd("--long=28"),
}

for name, data in FILES.items():
    with open(name, "wb") as file:
        file.write(data)
