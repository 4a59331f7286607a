"""Writes headers.json and scans.json: what nibabel reads from made-up headers and from the real scans.

    python make_headers.py [folder with the real scans, default ../shared/data/scans beside the package]

Needs numpy 2.3.5 and nibabel 5.4.2 (Config/requirements.txt).
"""

import base64
import gzip
import hashlib
import json
import pathlib
import sys

import nibabel
import numpy

HERE = pathlib.Path(__file__).resolve().parent
TYPES = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]


def facts(header, affine):
    """What both readers must agree on; zooms are in the header's unit, which is mm throughout."""
    raw = header.structarr
    rank = int(raw["dim"][0])
    slope = float(raw["scl_slope"])
    scaled = numpy.isfinite(slope) and slope != 0
    return {
        "version": 1 if int(raw["sizeof_hdr"]) == 348 else 2,
        "bigEndian": header.endianness == ">",
        "dims": [int(n) for n in raw["dim"][1 : rank + 1]],
        "voxelType": header.get_data_dtype().newbyteorder("=").name,
        "slope": slope if scaled else 1.0,
        "intercept": float(raw["scl_inter"]) if scaled else 0.0,
        "spacing": [float(z) for z in header.get_zooms()[:3]],
        "qformCode": int(raw["qform_code"]),
        "sformCode": int(raw["sform_code"]),
        "affine": numpy.asarray(affine, dtype=float)[:3].tolist(),
        "extensions": [[e.get_code(), e.get_sizeondisk()] for e in header.extensions],
    }


def turned(rng, sizes):
    """A random rotation, sometimes left-handed, whose columns are as long as the voxels are large."""
    turn, _ = numpy.linalg.qr(rng.normal(size=(3, 3)))
    affine = numpy.eye(4)
    affine[:3, :3] = turn * sizes
    affine[:3, 3] = rng.uniform(-200, 200, 3)
    return affine


def made_up(rng, number):
    """A good header with random lengths, type, byte order, orientation and extensions, followed by no voxels."""
    kind = nibabel.Nifti1Header if number % 2 == 0 else nibabel.Nifti2Header
    header = kind(endianness="<>"[number // 2 % 2])
    rank = int(rng.integers(1, 8))
    header.set_data_dtype(numpy.dtype(TYPES[number % len(TYPES)]))
    header.set_data_shape([int(n) for n in rng.integers(1, 40, rank)])
    header.set_zooms(rng.uniform(0.3, 4, rank).tolist())
    header.set_xyzt_units("mm", "sec")
    if rng.random() < 0.5:
        header.set_slope_inter(float(rng.uniform(0.01, 3)), float(rng.uniform(-1000, 1000)))
    sizes = (list(header.get_zooms())[:3] + [1.0, 1.0])[:3]
    header.set_qform(turned(rng, sizes), code=int(rng.integers(1, 5)))
    if rng.random() < 0.5:
        header.set_sform(turned(rng, sizes), code=int(rng.integers(1, 5)))
    header["descrip"] = b"text that nobody should print"
    for code in rng.choice([4, 6, 44], int(rng.integers(0, 3))):
        content = rng.integers(1, 255, int(rng.integers(1, 60))).astype("u1").tobytes()
        header.extensions.append(nibabel.nifti1.Nifti1Extension(int(code), content))
    first = (348 if kind is nibabel.Nifti1Header else 540) + 4
    header["vox_offset"] = first + header.extensions.get_sizeondisk()
    header["magic"] = b"n+1" if kind is nibabel.Nifti1Header else b"n+2"
    return header


def written(header, path):
    with open(path, "wb") as file:
        header.write_to(file)
    return path.read_bytes()


def make_headers():
    rng = numpy.random.default_rng(20261121)
    scratch = HERE / "scratch.nii"
    rows = []
    for number in range(40):
        header = made_up(rng, number)
        data = written(header, scratch)
        with open(scratch, "rb") as file:
            read = type(header).from_fileobj(file)
        rows.append({"bytes": base64.b64encode(data).decode(), **facts(read, read.get_best_affine())})
    scratch.unlink()
    return rows


def voxels(path, image):
    """The voxels of all frames as they are stored."""
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    start = image.dataobj.offset
    count = int(numpy.prod(image.shape)) * image.header.get_data_dtype().itemsize
    return data[start : start + count]


def make_scans(folder):
    rows = []
    for path in sorted(folder.glob("*.nii*")):
        image = nibabel.load(path)
        # The header that an image carries has lost its scaling.
        with nibabel.openers.ImageOpener(path) as file:
            header = type(image.header).from_fileobj(file)
        stored = voxels(path, image)
        rows.append({
            "name": path.name,
            **facts(header, image.affine),
            "voxelOffset": int(image.dataobj.offset),
            "fileSHA256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "voxelSHA256": hashlib.sha256(stored).hexdigest(),
            "voxelBytes": len(stored),
        })
    return rows


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[3] / "shared/data/scans"
    for name, rows in [("headers", make_headers()), ("scans", make_scans(folder))]:
        (HERE / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n")
        print(name, len(rows))


main()
