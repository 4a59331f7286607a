"""Small scans, written with a table of places of our own: the program's writer is not asked to make its own tests."""

import gzip
import struct

# By name: the code, the bits, and the letter of Python's struct.
TYPES = {"uint8": (2, 8, "B"), "int16": (4, 16, "h"), "int32": (8, 32, "i"), "float32": (16, 32, "f"),
         "float64": (64, 64, "d")}


def noise(count, seed):
    """Whole numbers from 0 to 99, the same for the same seed."""
    state, numbers = (seed * 0x9E3779B97F4A7C15 | 1) % 2**64, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        numbers.append((state >> 33) % 100)
    return numbers


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


def header1(dims, kind="int16", offset=352.0, magic=b"n+1\0", order="<", **changes):
    """348 bytes of NIfTI-1; `changes` name fields of PLACES1."""
    code, bits, _ = TYPES[kind]
    fields = bytearray(348)
    values = {
        "sizeof_hdr": 348, "dim": [len(dims), *dims, *[1] * (7 - len(dims))], "datatype": code, "bitpix": bits,
        "pixdim": [1.0] * 8, "vox_offset": offset, "scl_slope": 1.0, "xyzt_units": 2, "magic": magic, **changes,
    }
    for name, value in values.items():
        put(fields, PLACES1[name], value, order)
    return fields


def header2(dims, kind="int16", offset=544, magic=b"n+2\0\r\n\x1a\n", order="<", **changes):
    """540 bytes of NIfTI-2."""
    code, bits, _ = TYPES[kind]
    fields = bytearray(540)
    values = {
        "sizeof_hdr": 540, "dim": [len(dims), *dims, *[1] * (7 - len(dims))], "datatype": code, "bitpix": bits,
        "pixdim": [1.0] * 8, "vox_offset": offset, "scl_slope": 1.0, "xyzt_units": 2, "magic": magic, **changes,
    }
    for name, value in values.items():
        put(fields, PLACES2[name], value, order)
    return fields


def put(fields, place, value, order="<"):
    offset, form = place
    values = value if isinstance(value, (list, tuple)) else [value]
    struct.pack_into(f"{order}{form}", fields, offset, *values)


PLACES1 = {
    "sizeof_hdr": (0, "i"), "dim_info": (39, "B"), "dim": (40, "8h"), "intent_code": (68, "h"), "datatype": (70, "h"),
    "bitpix": (72, "h"), "slice_start": (74, "h"), "pixdim": (76, "8f"), "vox_offset": (108, "f"),
    "scl_slope": (112, "f"), "scl_inter": (116, "f"), "slice_end": (120, "h"), "xyzt_units": (123, "B"),
    "descrip": (148, "80s"), "aux_file": (228, "24s"), "qform_code": (252, "h"), "sform_code": (254, "h"),
    "quatern": (256, "3f"), "qoffset": (268, "3f"), "srow": (280, "12f"), "intent_name": (328, "16s"),
    "magic": (344, "4s"), "db_name": (14, "18s"), "data_type": (4, "10s"),
}
PLACES2 = {
    "sizeof_hdr": (0, "i"), "magic": (4, "8s"), "datatype": (12, "h"), "bitpix": (14, "h"), "dim": (16, "8q"),
    "pixdim": (104, "8d"), "vox_offset": (168, "q"), "scl_slope": (176, "d"), "scl_inter": (184, "d"),
    "descrip": (240, "80s"), "aux_file": (320, "24s"), "qform_code": (344, "i"), "sform_code": (348, "i"),
    "srow": (400, "12d"), "xyzt_units": (500, "i"), "intent_name": (508, "16s"),
}


def voxels(dims, kind="int16", seed=1, order="<"):
    numbers = noise(product(dims), seed)
    return struct.pack(f"{order}{len(numbers)}{TYPES[kind][2]}", *numbers)


def extension(code, content):
    """One extension, padded to 16 bytes."""
    size = (8 + len(content) + 15) // 16 * 16
    return struct.pack("<ii", size, code) + content.ljust(size - 8, b"\0")


def scan(dims, kind="int16", seed=1, extensions=b"", order="<", **changes):
    """A whole single file."""
    offset = changes.pop("vox_offset", 352.0 + len(extensions))
    fields = header1(dims, kind, offset=offset, order=order, **changes)
    flag = b"\1\0\0\0" if extensions else b"\0\0\0\0"
    return bytes(fields) + flag + extensions + voxels(dims, kind, seed, order)


def pair(dims, kind="int16", seed=1):
    """A header file and a voxel file."""
    return bytes(header1(dims, kind, offset=0.0, magic=b"ni1\0")) + bytes(4), voxels(dims, kind, seed)


def gzipped(content, name=None):
    """One member without the time; with a name where one is to be planted."""
    member = bytearray(gzip.compress(content, 6, mtime=0))
    if name is not None:
        member[3] |= 8
        member[10:10] = name + b"\0"
    return bytes(member)
