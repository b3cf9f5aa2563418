"""The CPython interpreters of this machine."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")


@cache
def find(version):
    """Return the path of CPython `version` ("3.8"), from pyenv or PATH; None if there is none."""
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    on_path = shutil.which(f"python{version}")
    for path in [*found, *([Path(on_path)] if on_path else [])]:
        probe = [path, "-c", "import platform; print(platform.python_implementation(), end='')"]
        result = subprocess.run(probe, check=False, capture_output=True, text=True)
        if result.stdout == "CPython":
            return path
    return None


def all_found():
    """Return each version that the tests ask for with its path or None."""
    return {version: find(version) for version in VERSIONS}
