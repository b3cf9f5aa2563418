"""Render the template, and run what the rendered repository offers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import copier
import yaml

TEMPLATE = Path(__file__).resolve().parents[2]
CATALOGUE = yaml.safe_load((TEMPLATE / "boards.yml").read_text())
EVERY_BOARD = [board["name"] for board in CATALOGUE]

# Where a repository has its files published that is rendered before there is a server.
EXAMPLE = "https://example.com"

# A board for each way a custom board differs from the catalogue's.
CUSTOM_BOARDS = [
    {
        "name": "MyBoard",
        "platform": "edge",
        "family": "zynq",
        "part": "xc7z010clg400-1",
        "board_part": "acme.com:myboard:part0:1.0",
    },
    {
        "name": "U250-gen3",
        "platform": "pcie",
        "family": "alveo",
        "part": "xcu250-figd2104-2L-e",
        "vitis_platform": "xilinx_u250_gen3x16_xdma_4_1_202210_1",
        "devices": ["xilinx_u250_gen3x16_xdma_shell_4_1"],
    },
    {
        "name": "VEK",
        "platform": "edge",
        "family": "versal",
        "part": "xcve2802-vsvh1760-2MP-e-S",
        "board_part": "xilinx.com:vek280:part0:1.2",
        "devices": ["VEK280", "VEK280-ES"],
    },
]

# Everything that could end a string, a comment, a line or a template in the emitted files.
HOSTILE = (
    "A \"quoted\" 'text' \\ back\\slash \\n {braces} {{ 7 * 7 }} {% raw %} {# no #} 100 % $(HOME) "
    '`tick` *star* _under_ <b>bold</b> &amp; # hash | pipe ~~x~~ [l](u) $x ünï 🎉 """ end\\'
)


def render(template, destination, **answers):
    """Render `template` into the folder `destination`, quietly and without trust; return it."""
    copier.run_copy(str(template), destination, data=answers, defaults=True, quiet=True)
    return Path(destination)


def moved(rendered, copy, address):
    """Copy a repository rendered for EXAMPLE, with its files published at `address` instead."""
    shutil.copytree(rendered, copy)
    for path in [copy / "tools/layout.json", *copy.rglob("*.link")]:
        path.write_text(path.read_text().replace(EXAMPLE, address))
    return copy


def files_of(repository):
    """Return the paths of all files in `repository`, sorted, as they stand in git."""
    found = (path for path in Path(repository).rglob("*") if path.is_file())
    return sorted(path.relative_to(repository).as_posix() for path in found)


def contents_of(repository):
    """Return path and bytes of every file in `repository`."""
    return {name: (Path(repository) / name).read_bytes() for name in files_of(repository)}


def run(*command, cwd=None, check=True, **environment):
    """Run a command and return the finished process with its output as text."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if check and result.returncode:
        raise AssertionError(f"{command}: {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


def git(folder, *arguments):
    """Run git in `folder` and return what it prints."""
    return run("git", "-C", folder, *arguments).stdout


def commit_all(folder, message="Work"):
    """Make `folder` a repository with everything committed."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def validate(repository, *options):
    """Run the repository's own layout check and return the finished process."""
    check = Path(repository) / "tools" / "validate_layout.py"
    return run(sys.executable, check, *options, repository, check=False)


def links_of(repository):
    """Return the content of every link file in `repository` by its path."""
    names = [name for name in files_of(repository) if name.endswith(".link")]
    return {name: json.loads((Path(repository) / name).read_text()) for name in names}
