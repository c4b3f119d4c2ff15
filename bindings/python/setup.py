"""Puts the C library into the package: the one AIROUTER_C_LIBRARY names, else the installed one of this version, which
pkg-config finds, else one that is built from this repository."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Optional

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

LIBRARY = "libairouter_c.so.1"


def installed_library(version: str) -> Optional[Path]:
    def asked(*question: str) -> str:
        return subprocess.run(["pkg-config", *question], check=True, capture_output=True, text=True).stdout.strip()

    try:
        asked("--exists", f"airouter_c = {version}")
        library = Path(asked("--variable=libdir", "airouter_c")) / LIBRARY
    except (OSError, subprocess.CalledProcessError):
        return None
    return library if library.exists() else None


def built_library(folder: Path) -> Path:
    root = Path(__file__).resolve().parents[2]
    if not (root / "bindings" / "python" / "setup.py").exists():
        raise SystemExit(f"no {LIBRARY}: install airouter where pkg-config finds it, or let AIROUTER_C_LIBRARY name one")
    off = [f"-DAIROUTER_{part}=OFF" for part in ("BUILD_SERVER", "BUILD_EXAMPLES", "BUILD_TESTS", "WERROR")]
    at_a_time = {"CMAKE_BUILD_PARALLEL_LEVEL": str(os.cpu_count() or 1), **os.environ}
    subprocess.run(["cmake", "-S", root, "-B", folder, "-DCMAKE_BUILD_TYPE=Release", *off], check=True)
    subprocess.run(["cmake", "--build", folder, "--target", "airouter_c"], check=True, env=at_a_time)
    return folder / "bindings" / "c" / LIBRARY


class BuildWithLibrary(build_py):
    def run(self) -> None:
        super().run()
        named = os.environ.get("AIROUTER_C_LIBRARY")
        temporary = Path(self.get_finalized_command("build").build_temp).resolve()
        installed = None if named else installed_library(self.distribution.get_version())
        library = Path(named) if named else installed or built_library(temporary / "airouter")
        shutil.copyfile(library, Path(self.build_lib) / "airouter" / LIBRARY)


class BinaryDistribution(Distribution):
    def has_ext_modules(self) -> bool:
        return True


setup(cmdclass={"build_py": BuildWithLibrary}, distclass=BinaryDistribution)
