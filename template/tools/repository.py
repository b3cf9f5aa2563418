# The template's file: `copier update` merges its changes with yours.
"""What the tools beside it know about this repository. Standard library only."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from validate_layout import VERSION_LINE

ROOT = Path(__file__).resolve().parent.parent
LAYOUT = json.loads((ROOT / "tools" / "layout.json").read_text(encoding="utf-8"))
MODULE = LAYOUT["module"]
OVERLAYS = LAYOUT["overlays"]
BOARDS = LAYOUT["boards"]  # by name: platform, devices, files
DEVICES = sum(LAYOUT["known_devices"].values(), [])  # in the order of the catalogue
UPLOAD = ROOT / "upload"

# How pip builds a wheel; a folder for it and the source are to follow.
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
PIP_WHEEL = [*PIP, "wheel", "--no-deps", "--no-cache-dir", "--wheel-dir"]


def stop(text):
    """End with one sentence."""
    raise SystemExit(text)


def download_module():
    """Return the package's own module for downloads, which users' boards run as well."""
    os.environ.pop(
        "OVERLAY_MIRROR", None
    )  # what the links themselves lead to counts here
    sys.path.insert(0, str(ROOT))
    return __import__(f"{MODULE}.download", fromlist=["download"])


def version():
    """Return the version of the package."""
    init = ROOT / MODULE / "__init__.py"
    found = VERSION_LINE.search(init.read_text(encoding="utf-8"))
    return (
        found[1] if found else stop(f'{shown(init)}: add a line __version__ = "0.1.0"')
    )


def shown(path):
    """Return `path` as messages show it, relative to the repository."""
    return Path(os.path.relpath(path, ROOT)).as_posix()


def published_url(overlay, board, ending):
    """Return where the file of this version is published."""
    values = {
        "overlay": overlay,
        "board": board,
        "version": version(),
        "ending": ending,
    }
    pattern = LAYOUT["published_url"]
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), pattern)


def published_name(overlay, board, ending):
    """Return the name under which the file of this version is published."""
    return f"{overlay}-{board}-{version()}.{ending}"


def chosen_boards(name):
    """Return the boards to work on: the one called `name`, or all without a name."""
    if name and name not in BOARDS:
        stop(
            f"BOARD={name} is no board of this repository; there are {', '.join(BOARDS)}"
        )
    return [name] if name else list(BOARDS)


def facts(board, overlay):
    """Return the variables that the Makefile of a build sets, such as PART."""
    path = ROOT / "boards" / board / overlay / "Makefile"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return {}
    return dict(re.findall(r"^(\w+)\s*:?=\s*(\S.*?)\s*$", text, re.MULTILINE))


def link_paths(platform, name):
    """Return the link files for the file `name`: found, or the one to make."""
    top = ROOT / MODULE / "notebooks" / platform
    found = sorted(path for path in top.rglob(name + ".link") if path.is_file())
    return found or [top / (name + ".link")]


def all_links():
    """Return the content of every link file of the package by its path."""
    found = sorted((ROOT / MODULE / "notebooks").rglob("*.link"))
    return {path: read_link(path) for path in found if path.is_file()}


def read_link(path):
    """Return the content of the link file at `path`; an empty one if there is none."""
    try:
        links = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as problem:
        stop(f"{shown(path)} is no valid JSON: {problem}; mend it")
    if not isinstance(links, dict):
        stop(f"{shown(path)} holds no JSON object; put braces around its keys")
    return links


def entries(links):
    """Return the entries in a link file's content by device; "every device" has one at its top."""
    return {"every device": links} if "url" in links or "md5sum" in links else links


def sums(path):
    """Return the md5 and the sha256 of a file."""
    found = hashlib.md5(), hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            for algorithm in found:
                algorithm.update(chunk)
    return tuple(algorithm.hexdigest() for algorithm in found)


def todays_inputs():
    """Return the digest of today's sources by "board/overlay"; none where make cannot tell."""
    command = ["make", "-s", "-C", str(ROOT / "boards"), "inputs"]
    # Of the make that runs this tool, nothing: its BOARD= means something else there.
    clean = {key: value for key, value in os.environ.items() if "MAKE" not in key}
    try:
        output = subprocess.check_output(
            command, env=clean, stderr=subprocess.DEVNULL, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return {}
    lines = [line.split() for line in output.splitlines()]
    return {words[1]: words[0] for words in lines if len(words) == 2}


def git(*arguments):
    """Return what git prints, line by line; None where it cannot answer."""
    try:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.check_output(
            command, stderr=subprocess.DEVNULL, text=True
        ).splitlines()
    except (OSError, subprocess.CalledProcessError):
        return None
