"""Build the packages of a rendered repository and look into them."""

import tarfile
import zipfile
from pathlib import Path

from helpers.render import files_of, run


def build_sdist(repository, python):
    """Build the sdist with `make sdist` under `python`; return its path."""
    run("make", "sdist", f"PYTHON={python}", cwd=repository)
    (sdist,) = (Path(repository) / "dist").glob("*.tar.gz")
    return sdist


def build_wheel(source, folder, python, **environment):
    """Build the wheel of a repository or sdist in pip's isolation; return its path."""
    pip = [python, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps"]
    run(*pip, "--wheel-dir", folder, source, **environment)
    (wheel,) = Path(folder).glob("*.whl")
    return wheel


def names_in(archive):
    """Return the paths in an sdist, without its top folder, or in a wheel; what the build adds aside."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name for name in wheel.namelist() if ".dist-info/" not in name}
    with tarfile.open(archive) as sdist:
        files = [member.name for member in sdist.getmembers() if member.isfile()]
    names = {name.partition("/")[2] for name in files}
    return {
        name for name in names if ".egg-info/" not in name and name not in ("PKG-INFO", "setup.cfg")
    }


def read_from(wheel, ending):
    """Return the text of the file in the wheel whose path ends so."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(ending))
        return archive.read(name).decode()


def package_files(repository, module):
    """Return the paths of the package's files, those that users need."""
    return {name for name in files_of(repository) if name.startswith(module + "/")}
