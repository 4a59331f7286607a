"""The programs that compare.py times, each called as a user would call it."""

import glob
import json
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from release import ROOT, program  # noqa: E402, F401 - for the other scripts too

# Each is what a user would write; argv: input, output, sigma in mm.
SCIPY = """
import sys, nibabel, numpy
from scipy.ndimage import gaussian_filter
image = nibabel.load(sys.argv[1])
sigmas = [float(sys.argv[3]) / float(step) for step in image.header.get_zooms()]
smooth = gaussian_filter(image.get_fdata(dtype=numpy.float32), sigmas)
nibabel.save(nibabel.Nifti1Image(smooth, image.affine), sys.argv[2])
"""
SITK_RECURSIVE = """
import sys, SimpleITK
image = SimpleITK.Cast(SimpleITK.ReadImage(sys.argv[1]), SimpleITK.sitkFloat32)
smooth = SimpleITK.SmoothingRecursiveGaussian(image, float(sys.argv[3]))
SimpleITK.WriteImage(smooth, sys.argv[2], useCompression=sys.argv[2].endswith("gz"))
"""
SITK_DISCRETE = """
import sys, SimpleITK
image = SimpleITK.Cast(SimpleITK.ReadImage(sys.argv[1]), SimpleITK.sitkFloat32)
smooth = SimpleITK.DiscreteGaussian(image, variance=float(sys.argv[3]) ** 2, maximumKernelWidth=64, maximumError=1e-4)
SimpleITK.WriteImage(smooth, sys.argv[2], useCompression=sys.argv[2].endswith("gz"))
"""


def job_text(scans, sigma, output, image_format, voxel_type="float32"):
    """A job that smooths every scan of a folder."""
    return json.dumps(
        {
            "medfilter": 1,
            "name": "compare",
            "input": {"root": str(scans)},
            "filters": [{"filter": "gaussian", "sigma_mm": sigma}],
            "output": {"root": str(output), "name": "{stem}", "format": image_format, "voxel_type": voxel_type},
        }
    )


class Workload:
    """One scan, one sigma, one format, and a folder of its own for the outputs."""

    def __init__(self, folder, scan, sigma, image_format):
        self.folder, self.scan, self.sigma, self.format = folder, scan, sigma, image_format
        self.name = f"sigma {sigma} mm, .{image_format}"

    def prepare(self):
        """Makes the folder with the job in it."""
        self.folder.mkdir()
        (self.folder / "job.json").write_text(job_text(self.scan.parent, self.sigma, "out", self.format))

    def medfilter(self, *options):
        command = [program(), "run", str(self.folder / "job.json"), "--progress", "none", *options]
        return command, self.folder / "out" / self.scan.name, {}

    def python(self, code):
        output = self.folder / f"out.{self.format}"
        return [sys.executable, "-c", code, str(self.scan), str(output), str(self.sigma)], output, {}

    def niimath(self):
        output = self.folder / f"out.{self.format}"
        environment = {"FSLOUTPUTTYPE": "NIFTI" if self.format == "nii" else "NIFTI_GZ"}
        command = [niimath(), str(self.scan), "-s", str(self.sigma), str(self.folder / "out"), "-odt", "float"]
        return command, output, environment

    def programs(self):
        """Name, and the command with its output and environment; absent programs are left out."""
        yield "medfilter", self.medfilter()
        yield "medfilter --threads 1", self.medfilter("--threads", "1")
        yield "nibabel + scipy gaussian_filter, float32", self.python(SCIPY)
        if has_module("SimpleITK"):
            yield "SimpleITK SmoothingRecursiveGaussian", self.python(SITK_RECURSIVE)
            yield "SimpleITK DiscreteGaussian", self.python(SITK_DISCRETE)
        if niimath():
            yield "niimath -s", self.niimath()


def niimath():
    """The program inside the wheel: its Python entry point would add the interpreter's start."""
    return next(iter(glob.glob(f"{sys.prefix}/lib/python3*/site-packages/niimath/bin/niimath")), None)


def has_module(name):
    """Whether Python finds it, asked in a process of its own so that nothing is loaded here."""
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0
