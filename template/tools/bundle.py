# The template's file: `copier update` merges its changes with yours.
"""Build a wheel that carries one board's bitstreams, for boards without a network: bundle.py BOARD

The files come from upload/ where `make links` has put them, else from where the links lead. In the
wheel they lie in <file>.d/ folders, where PYNQ looks for the board's device before it reads a link. The
version gets the board's name behind a plus, so that PyPI does not take the wheel and pip tells it apart.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from repository import (
    BOARDS,
    MODULE,
    PIP_WHEEL,
    ROOT,
    UPLOAD,
    all_links,
    chosen_boards,
    download_module,
    shown,
    stop,
    version,
)
from validate_layout import VERSION_LINE

download = download_module()
SOURCES = ["setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", MODULE]


def main():
    """Build the bundle that the command line asks for."""
    parser = argparse.ArgumentParser(
        description="Build a wheel with one board's bitstreams."
    )
    parser.add_argument("board", nargs="?", default="")
    board = parser.parse_args().board
    if not board:
        stop(
            f"Which board? Type make bundle BOARD={next(iter(BOARDS))}; there are {', '.join(BOARDS)}"
        )
    chosen_boards(board)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        copy_sources(tree)
        for path, links in all_links().items():
            for device in BOARDS[board]["devices"]:
                if device in links:
                    add_file(
                        tree / path.relative_to(ROOT), device, links[device], board
                    )
        if not any(tree.rglob("*.d")):
            stop(f"no link file has an entry for {board}; type make links")
        set_version(tree, re.sub("[^a-z0-9]+", ".", board.lower()))
        wheel = build(tree, Path(folder), BOARDS[board]["platform"])
        target = UPLOAD / version() / wheel.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(str(wheel), str(target))
    print(f"{shown(target)} holds all that {board} needs; copy it there and type")
    print(
        f"pip install --no-index {target.name} && pynq get-notebooks {MODULE.replace('_', '-')}"
    )


def copy_sources(tree):
    """Copy what a wheel is built from; no bitstream that lies about in the work tree."""
    junk = shutil.ignore_patterns(
        "__pycache__", ".*", "*.bit", "*.hwh", "*.pdi", "*.*xclbin"
    )
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=junk)
        else:
            tree.mkdir(exist_ok=True)
            shutil.copyfile(source, tree / name)


def add_file(link, device, entry, board):
    """Put the file of one entry into the .d folder beside the link file `link` of the tree."""
    name = link.name[: -len(".link")]
    stem, ending = os.path.splitext(name)
    if not entry.get("md5sum"):
        stop(f"{name} of {board} has no file yet; build it and type make links")
    path = link.with_name(name + ".d") / f"{stem}.{device}{ending}"
    path.parent.mkdir(exist_ok=True)
    uploaded = UPLOAD / version() / entry["url"].replace("=", "/").split("/")[-1]
    if download.is_right(uploaded, entry):
        shutil.copyfile(uploaded, path)
        return
    try:
        download.download(
            entry, str(path), f"{name} for {board}", download.progress(name)
        )
    except download.Failure as problem:
        stop(str(problem))


def set_version(tree, label):
    """Add a local version label to the package in `tree`."""
    init = tree / MODULE / "__init__.py"
    text = init.read_text(encoding="utf-8")
    line = VERSION_LINE.search(text)
    init.write_text(
        text.replace(line[0], f'__version__ = "{line[1]}+{label}"'), encoding="utf-8"
    )


def build(tree, folder, platform):
    """Build the wheel of the package in `tree` for one platform; return its path."""
    command = [*PIP_WHEEL, str(folder / "wheel"), str(tree)]
    environment = {**os.environ, "OVERLAY_PLATFORM": platform}
    environment.pop("BOARD", None)
    result = subprocess.run(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        stop(f"{result.stdout}The wheel could not be built, see above.")
    (wheel,) = (folder / "wheel").glob("*.whl")
    return wheel


if __name__ == "__main__":
    sys.exit(main())
