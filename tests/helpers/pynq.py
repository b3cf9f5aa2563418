"""Real PYNQ releases in virtual environments."""

import fcntl
import shutil
import subprocess

from helpers.render import TEMPLATE

# What an emitted repository asks for to run its notebooks.
REQUIREMENTS = TEMPLATE / "template" / "tests" / "requirements.txt"

# The Python of each release's own images.
PYTHON_OF = {"2.7.0": "3.8", "3.0.1": "3.10", "3.1.2": "3.10", "4.0.0": "3.12"}


def environment(folder, release, python):
    """Return the environment below `folder` that holds PYNQ `release`; make it if need be.

    Beside it is what the emitted tests/requirements.txt names.
    """
    place = folder / release
    with open(folder / f"{release}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes ask for it at once
        complete = place / "complete"
        if not complete.exists() or complete.read_text() != REQUIREMENTS.read_text():
            install(place, release, python)
    return place


def install(place, release, python):
    """Make the environment `place` with PYNQ `release`."""
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([python, "-m", "venv", place], check=True)
    pip = [place / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", "pip", "setuptools<81", "wheel"], check=True)
    subprocess.run([*pip, "-r", REQUIREMENTS, f"pynq=={release}"], check=True)
    (place / "complete").write_text(REQUIREMENTS.read_text())
