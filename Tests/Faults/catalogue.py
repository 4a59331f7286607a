"""Bad and odd files, one row each: what lies in the archive, and what must come of it.

A row is `(name, verdict, files)`: the verdict is the class of the refusal, None for a scan that must be done, or the
status when there is no scan; files are contents by name, or a function that makes something else than files in a
folder. Headers are damaged in more ways by the tests of VolumeIO; here every way runs through the whole program.
"""

import os
import struct

from scans import extension, gzipped, header1, header2, pair, product, put, scan, voxels

DIMS = [6, 5, 4]
NAN, INFINITY = float("nan"), float("inf")


def one(**changes):
    """A NIfTI-1 file with other fields."""
    return {"x.nii": scan(DIMS, **changes)}


def two(content=None, **changes):
    """A NIfTI-2 file with other fields."""
    return {"x.nii": bytes(header2(DIMS, **changes)) + bytes(4) + (voxels(DIMS) if content is None else content)}


def both(size, **changes):
    """A header that claims much, and a file of `size` bytes."""
    return {"x.nii": scan(DIMS, **changes).ljust(size, b"\0")[:size]}


def damaged(offset, *values):
    content = bytearray(scan(DIMS))
    content[offset : offset + len(values)] = bytes(values)
    return {"x.nii": bytes(content)}


def extended(blocks, **changes):
    return {"x.nii": scan(DIMS, extensions=blocks, **changes)}


def hdr(**changes):
    _, image = pair(DIMS)
    return {"x.hdr": bytes(header1(DIMS, **{"offset": 0.0, "magic": b"ni1\0", **changes})) + bytes(4), "x.img": image}


def floats(values):
    return {"x.nii": bytes(header1(DIMS, "float32")) + bytes(4) + struct.pack(f"<{len(values)}f", *values)}


def crossed():
    """Little-endian size, big-endian everything else."""
    content = bytearray(scan(DIMS, order=">"))
    put(content, (0, "i"), 348)
    return {"x.nii": bytes(content)}


HEADERS = [
    ("h00 sound", None, one()),
    ("h01 sizeof_hdr 0", "E_HDR_SIZE", one(sizeof_hdr=0)),
    ("h02 sizeof_hdr 349", "E_HDR_SIZE", one(sizeof_hdr=349)),
    ("h02b sizeof_hdr 540", "E_HDR_MAGIC", one(sizeof_hdr=540)),
    ("h36 ni1 in a single file", "E_HDR_MAGIC", one(magic=b"ni1\0")),
    ("h37 magic abc", "E_HDR_MAGIC", one(magic=b"abc\0")),
    ("h38 magic n+2", "E_HDR_MAGIC", one(magic=b"n+2\0")),
    ("h38b magic n+9", "E_HDR_MAGIC", one(magic=b"n+9\0")),
    ("h38c magic n+1x", "E_HDR_MAGIC", one(magic=b"n+1x")),
    ("h38d no magic", "E_HDR_MAGIC", one(magic=b"\0\0\0\0")),
    ("an01 ANALYZE", "E_FMT_ANALYZE", hdr(magic=b"\0\0\0\0")),
    ("n2_00 sound", None, two()),
    ("n2_13 line ends", "E_HDR_EOL", two(magic=b"n+2\0\n\x1a\n\0")),
    ("n2_14 n+1", "E_HDR_MAGIC", two(magic=b"n+1\0\r\n\x1a\n")),
    ("n2_14b n+3", "E_HDR_MAGIC", two(magic=b"n+3\0\r\n\x1a\n")),
    ("n2_15 cut at 400", "E_TRUNCATED", {"x.nii": bytes(header2(DIMS))[:400]}),
    ("h39 big-endian", None, {"x.nii": scan(DIMS, order=">")}),
    ("h39b two byte orders", "E_HDR_ENDIAN", crossed()),
    ("f05b 347 bytes", "E_TRUNCATED", {"x.nii": scan(DIMS)[:347]}),
    ("a01 text header", "E_FMT_UNKNOWN", {"x.nii": b"<nifti_image\n image_filename='y.nia'\n/>".ljust(600)}),
    ("d12 DICOM", "E_FMT_UNKNOWN", {"x.nii": bytes(128) + b"DICM" + bytes(600)}),
    ("d12b PNG", "E_FMT_UNKNOWN", {"x.nii": b"\x89PNG\r\n\x1a\n" + bytes(600)}),
    ("d12c noise", "E_FMT_UNKNOWN", {"x.nii": bytes((number * 167 + 13) % 256 for number in range(2000))}),
    *[(f"h03 dim[0] {number}", "E_HDR_DIM", one(dim=[number, *DIMS, 1, 1, 1, 1])) for number in (0, 8, -3, 32767)],
    *[(f"h06 dim {lengths}", "E_HDR_DIM", one(dim=[3, *lengths, 1, 1, 1, 1]))
      for lengths in ([0, 5, 4], [6, -5, 4], [6, 5, 0], [-4, 5, 4])],
    ("h09 unused dim", None, one(dim=[3, *DIMS, 1, 99, 1, 1])),
    ("h10 claims a GiB", "E_TRUNCATED", both(592, dim=[2, 32767, 32767, 1, 1, 1, 1, 1], datatype=2, bitpix=8)),
    ("h11 2^64 bytes", "E_HDR_OVERFLOW", both(592, dim=[5, *[16384] * 4, 16, 1, 1], datatype=64, bitpix=64)),
    ("h12 512^7", "E_HDR_OVERFLOW", both(592, dim=[7, *[512] * 7])),
    ("h12b 32767^7", "E_HDR_OVERFLOW", both(592, dim=[7, *[32767] * 7])),
    *[(f"n2_01 dim[0] {number}", "E_HDR_DIM", two(dim=[number, *DIMS, 1, 1, 1, 1]))
      for number in (8, 100, 10**6, 2**40, -1, 0)],
    ("n2_07 2^62 x 2", "E_HDR_OVERFLOW", two(dim=[2, 2**62, 2, 1, 1, 1, 1, 1])),
    ("n2_08 2^63-1", "E_HDR_OVERFLOW", two(dim=[1, 2**63 - 1, 1, 1, 1, 1, 1, 1])),
    ("n2_09 bytes wrap to 0", "E_HDR_OVERFLOW", two(dim=[2, 2**31, 2**32, 1, 1, 1, 1, 1], datatype=64, bitpix=64)),
    ("lim1 1 TiB", "E_TRUNCATED", two(dim=[3, 2**13, 2**13, 2**13, 1, 1, 1, 1])),
    *[(f"h17 vox_offset {offset}", "E_HDR_OFFSET", one(vox_offset=offset))
      for offset in (0.0, 100.0, 348.0, 1e6, NAN, INFINITY, -400.0, 352.7, 3e9, 16777216.0)],
    ("h24 vox_offset 353", "E_TRUNCATED", one(vox_offset=353.0)),
    ("h26c vox_offset 356", None, {"x.nii": bytes(header1(DIMS, offset=356.0)) + bytes(8) + voxels(DIMS)}),
    *[(f"n2_10 vox_offset {offset}", "E_HDR_OFFSET", two(offset=offset)) for offset in (-1, 540, 0, 2**62)],
    ("p05 pair, -16", "E_HDR_OFFSET", hdr(offset=-16.0)),
    *[(f"h27 datatype {code}", "E_HDR_DTYPE", one(datatype=code, bitpix=0)) for code in (0, 1, 3, 255)],
    *[(f"h49 datatype {code}", "E_UNSUPPORTED_DTYPE", one(datatype=code, bitpix=bits))
      for code, bits in ((32, 64), (1792, 128), (128, 24), (2304, 32), (1536, 128), (2048, 256))],
    ("h30 bitpix 32", "E_HDR_BITPIX", one(bitpix=32)),
    ("h30b bitpix 0", None, one(bitpix=0)),
    ("h31 slope NaN", None, one(scl_slope=NAN)),
    ("h32 slope infinite", "E_HDR_SCALE", one(scl_slope=INFINITY)),
    ("h33 slope 0, intercept 5", None, one(scl_slope=0.0, scl_inter=5.0)),
    ("h34 intercept NaN", "E_HDR_SCALE", one(scl_inter=NAN)),
    ("h34b intercept infinite", "E_HDR_SCALE", one(scl_inter=-INFINITY)),
    ("h35 slope 1e38", "E_HDR_SCALE", one(scl_slope=1e38)),
    ("h51 NaN voxels", "E_NONFINITE", floats([NAN] + [1.0] * (product(DIMS) - 1))),
    ("h51b infinite voxels", "E_NONFINITE", floats([1.0] * (product(DIMS) - 1) + [INFINITY])),
    *[(f"h13 pixdim {size}", "E_HDR_PIXDIM", one(pixdim=[1.0, size, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
      for size in (0.0, NAN, -2.0, INFINITY, 1e-38, 2e4)],
    ("h16c qfac 0", None, one(pixdim=[0.0] + [1.0] * 7)),
    ("h16c qfac 2", None, one(pixdim=[2.0] + [1.0] * 7)),
    *[(f"h40 {field} {code}", None, one(**{field: code})) for field, code in (("qform_code", -5), ("qform_code", 99))],
    ("h42 quaternion NaN", "E_HDR_XFORM", one(qform_code=1, quatern=[NAN, 0.0, 0.0])),
    ("h43 quaternion too long", "E_HDR_XFORM", one(qform_code=1, quatern=[1.0, 1.0, 1.0])),
    ("h44 sform all 0", "E_HDR_XFORM", one(sform_code=1, srow=[0.0] * 12)),
    ("h45 sform NaN", "E_HDR_XFORM", one(sform_code=1, srow=[NAN] + [0.0] * 11)),
    ("h47 intent 9999", None, one(intent_code=9999)),
    ("h48 units 255", None, one(xyzt_units=255)),
    ("h48b dim_info 255", None, one(dim_info=255)),
    ("h48c slices", None, one(slice_start=3, slice_end=1)),
    ("h48d escapes", None, one(intent_name=b"\x1b[2J\x07", descrip=b"\x1b]0;x\x07")),
]

EXTENSIONS = [
    ("e01 a comment", None, extended(extension(6, b"words"))),
    *[(f"e02 esize {size}", "E_HDR_EXT", extended(struct.pack("<ii", size, 6) + bytes(24)))
      for size in (0, -16, 8, 20, 48, 2**31 - 16)],
    ("e07 no room for any", None, {"x.nii": bytes(header1(DIMS)) + b"\1\0\0\0" + voxels(DIMS)}),
    ("e08 odd code", None, extended(extension(7, b"odd"))),
    ("e08b code -1", None, extended(extension(-1, b"none"))),
    ("e11 2,000 extensions", None, extended(extension(6, b"many") * 2000)),
    ("e11b 5,000 extensions", "E_HDR_EXT", extended(extension(6, b"more") * 5000)),
    ("e12 the second is bad", "E_HDR_EXT", extended(extension(6, b"good") + struct.pack("<ii", 0, 6) + bytes(8))),
    ("e13 extender 2", "E_HDR_EXT", damaged(348, 2)),
    ("e14 DICOM", None, extended(extension(2, b"attributes"))),
]


def linked(target):
    return lambda folder: os.symlink(target, f"{folder}/x.nii")


def unreadable(folder):
    with open(f"{folder}/x.nii", "wb") as file:
        file.write(scan(DIMS))
    os.chmod(f"{folder}/x.nii", 0)


def device(folder):
    """A name that leads to bytes without end."""
    os.symlink("/dev/zero", f"{folder}/x.nii")


PLACES = [
    # A folder is looked into, whatever its name; this one is empty.
    ("d01 a folder", 66, lambda folder: os.mkdir(f"{folder}/x.nii")),
    ("d02 a pipe", "E_IN_TYPE", lambda folder: os.mkfifo(f"{folder}/x.nii")),
    ("d03 a link to a device", "E_IN_SYMLINK", device),
    ("d04 a link to itself", "E_IN_SYMLINK", linked("x.nii")),
    ("d05 a link to nothing", "E_IN_SYMLINK", linked("nothing")),
    ("d06 a line end in the name", None, {"x\ny.nii": scan(DIMS)}),
    ("d07 Unicode", None, {"schädel-头.nii": scan(DIMS)}),
    ("d09 capitals", None, {"X.NII": scan(DIMS)}),
    ("d14 a dash", None, {"-x.nii": scan(DIMS)}),
    ("d16 unreadable", "E_IN_PERM", unreadable),
    ("s01 two of one name", None, {"x.nii": scan(DIMS), "y.nii.gz": gzipped(scan(DIMS))}),
    ("p00 pair", None, hdr()),
    ("p02 no .img", "E_PAIR_MISSING", {"x.hdr": hdr()["x.hdr"]}),
    ("p04 .img short", "E_TRUNCATED", {**hdr(), "x.img": hdr()["x.img"][:-1]}),
    ("p06 n+1 in a .hdr", "E_HDR_MAGIC", hdr(magic=b"n+1\0")),
    ("p07 .img long", "E_TRAILING", {**hdr(), "x.img": hdr()["x.img"] + b"junk"}),
    ("p08 .img twice", "E_PAIR_AMBIGUOUS", {**hdr(), "x.img.gz": gzipped(hdr()["x.img"])}),
]
