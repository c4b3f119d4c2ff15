"""Puts the C library into the package: the one AIROUTER_C_LIBRARY names, else one that is built from this repository."""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

LIBRARY = "libairouter_c.so.1"


def built_library(folder: Path) -> Path:
    root = Path(__file__).resolve().parents[2]
    off = [f"-DAIROUTER_BUILD_{part}=OFF" for part in ("SERVER", "EXAMPLES", "TESTS")]
    subprocess.run(["cmake", "-S", root, "-B", folder, "-DCMAKE_BUILD_TYPE=Release", *off], check=True)
    subprocess.run(["cmake", "--build", folder, "--target", "airouter_c", "--parallel"], check=True)
    return folder / "bindings" / "c" / LIBRARY


class BuildWithLibrary(build_py):
    def run(self) -> None:
        super().run()
        named = os.environ.get("AIROUTER_C_LIBRARY")
        temporary = Path(self.get_finalized_command("build").build_temp).resolve()
        library = Path(named) if named else built_library(temporary / "airouter")
        shutil.copyfile(library, Path(self.build_lib) / "airouter" / LIBRARY)


class BinaryDistribution(Distribution):
    def has_ext_modules(self) -> bool:
        return True


setup(cmdclass={"build_py": BuildWithLibrary}, distclass=BinaryDistribution)
