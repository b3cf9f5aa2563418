"""Repositories made by hand come under the template with what docs/adopt.md says, and lose no file."""

import json
import shlex

import pytest
from helpers.docs import commands
from helpers.render import commit_all, contents_of, git, run, validate
from helpers.update import COPIER, plain, update

NOTEBOOK = json.dumps(
    {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": ["from pynq import Overlay\n", 'ol = Overlay("resizer.bit")'],
            }
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
)


def links(*devices):
    entry = {"url": "https://example.com/{}", "md5sum": "0123456789abcdef0123456789abcdef"}
    return json.dumps({x: {**entry, "url": entry["url"].format(x)} for x in devices}, indent=4)


OLD_SETUP = """\
from pynqutils.setup_utils import build_py, extend_package, find_version, get_platform
from setuptools import find_packages, setup

setup(name="theirs", packages=find_packages(), cmdclass={"build_py": build_py})
"""
OLD_PYPROJECT = '[build-system]\nrequires = ["setuptools", "wheel", "pynqutils"]\n'
VERSIONED = '__version__ = "3.0.0"\n'

# After PYNQ-HelloWorld: platforms below notebooks, a kernel for all in boards/ip/src, one makefile that
# the others link to, a board that the catalogue lacks.
EDGE_AND_PCIE = {
    "README.md": "# Theirs\n",
    "LICENSE": "Theirs\n",
    ".gitignore": "theirs.log\n",
    "MANIFEST.in": "recursive-include theirs *\n",
    "pyproject.toml": OLD_PYPROJECT,
    "setup.py": OLD_SETUP,
    "boards/ip/src/resize.cpp": "void resize() {}\n",
    "boards/Pynq-Z1/resizer/makefile": "-> ../../Pynq-Z2/resizer/makefile",
    "boards/Pynq-Z1/resizer/resizer.tcl": "# theirs\n",
    "boards/Pynq-Z2/resizer/makefile": "all:\n\t@echo theirs\n",
    "boards/ZCU104/resizer/makefile": "-> ../../Pynq-Z2/resizer/makefile",
    "boards/U200/resizer/Makefile": "all:\n\t@echo a card\n",
    "boards/VU9P/resizer/Makefile": "all:\n",
    "theirs/__init__.py": VERSIONED,
    "theirs/notebooks/edge/images/a b.png": "picture\n",
    "theirs/notebooks/edge/resizer.bit.link": links("Pynq-Z1", "Pynq-Z2", "ZCU104"),
    "theirs/notebooks/edge/resizer.hwh.link": links("Pynq-Z1", "Pynq-Z2", "ZCU104"),
    "theirs/notebooks/edge/resizer_pl.ipynb": NOTEBOOK,
    "theirs/notebooks/pcie/resizer.xclbin.link": links("xilinx_u200_xdma_201830_2"),
    "theirs/notebooks/pcie/resizer_host.ipynb": NOTEBOOK.replace(".bit", ".xclbin"),
}
# After Alveo-PYNQ: topics right below notebooks, no boards, no version in __init__.py.
TOPICS = {
    "README.md": "# Theirs\n",
    "LICENSE": "Theirs\n",
    ".gitignore": "theirs.log\n",
    "MANIFEST.in": "include *.md\n",
    "pyproject.toml": OLD_PYPROJECT,
    "setup.py": OLD_SETUP,
    "overlays/Makefile": "all:\n",
    "overlays/src/resizer.cpp": "void resizer() {}\n",
    "theirs/__init__.py": '__author__ = "Somebody"\n',
    "theirs/notebooks/0_welcome/__init__.py": "",
    "theirs/notebooks/0_welcome/welcome.ipynb": NOTEBOOK.replace('Overlay(\\"', 'print(\\"'),
    "theirs/notebooks/1_introduction/vadd.ipynb": NOTEBOOK.replace(".bit", ".xclbin"),
    "theirs/notebooks/1_introduction/resizer.xclbin.link": links("xilinx_u200_xdma_201830_2"),
}
SHAPES = {
    "edge and pcie": (
        EDGE_AND_PCIE,
        {"boards": ["Pynq-Z1", "Pynq-Z2", "ZCU104", "U200"], "overlays": ["resizer"]},
        {"theirs": "theirs"},
        {
            "B2 boards/VU9P:",
            "B3 boards/ip/resizer: note:",
            "G3 boards/Pynq-Z1/resizer/makefile.old: note:",
            "G3 boards/U200/resizer/Makefile.old: note:",
            "G3 setup.py.old: note:",
            "G3 LICENSE.old: note:",
        },
    ),
    "topics": (
        TOPICS,
        {"platforms": ["pcie"], "boards": ["U200"], "overlays": ["resizer"]},
        {"theirs/notebooks": "theirs/notebooks/pcie"},
        {
            "P2 theirs/__init__.py:",
            "B3 boards/ip/resizer: note:",
            "G3 setup.py.old: note:",
            "G3 pyproject.toml.old: note:",
        },
    ),
}


def by_hand(folder, files):
    """Make and commit a repository of these files; "-> x" is a symbolic link to x."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            path.symlink_to(text[3:])
        else:
            path.write_text(text)
    commit_all(folder, "By hand")


@pytest.mark.parametrize("shape", SHAPES)
def test_no_file_is_lost_and_the_check_says_what_is_left(releases, tmp_path, shape):
    files, answers, moves, findings = SHAPES[shape]
    repository = tmp_path / "theirs"
    by_hand(repository, files)
    before = plain_or_not(repository)
    begin, move, set_aside, copy, check = commands("adopt.md")
    source = shlex.quote(str(releases))
    copy = copy.replace("gh:org/overlay-template", f"--defaults --vcs-ref v8.0.0 {source}")
    copy = copy.replace("copier ", shlex.join(COPIER) + " ")
    copy = copy.rstrip() + f" -d module_name=theirs -d ci=gitlab --data-file {tmp_path}/answers.yml"
    (tmp_path / "answers.yml").write_text(json.dumps(answers))
    steps = [begin, set_aside, copy]
    if shape == "topics":
        steps.insert(1, move.replace("PACKAGE", "theirs"))
    for step in steps:
        result = sh(step, repository)
        assert result.returncode == 0, result.stderr
    after = plain_or_not(repository)
    for name, content in before.items():
        for old, new in moves.items():
            if name.startswith(f"{old}/") and old != "theirs":
                name = new + name[len(old) :]
        assert content in (after.get(name), after.get(f"{name}.old")), name
    found = sh(check, repository)
    told = {line.split(": ", 1)[0] + ":" for line in found.stdout.splitlines()}
    told |= {line.partition("note:")[0] + "note:" for line in found.stdout.splitlines()}
    assert findings <= told, found.stdout
    assert not any(name.startswith("boards/ip/resizer/") for name in after)  # no sample of ours
    assert not any(name.endswith("/resizer.ipynb") for name in after)
    if shape == "edge and pcie":
        old = run("make", "-f", "makefile.old", cwd=repository / "boards/Pynq-Z1/resizer")
        assert old.stdout == "theirs\n"

    commit_all(repository)  # and from now on: copier update
    update(repository)
    updated = plain(repository)
    for name in before:
        if f"{name}.old" not in after and name in after:
            assert updated[name] == after[name], name
    assert "A fix of the next release." in (repository / "setup.py").read_text()
    git(repository, "switch", "-qf", "-")
    assert plain_or_not(repository) == before


def test_what_the_check_asks_for_can_be_done(releases, tmp_path):
    """Down to no finding at all, an sdist and passing tests."""
    repository = tmp_path / "theirs"
    by_hand(repository, EDGE_AND_PCIE)
    answers = {**SHAPES["edge and pcie"][1], "module_name": "theirs"}
    (tmp_path / "answers.yml").write_text(json.dumps(answers))
    assert sh(commands("adopt.md")[2], repository).returncode == 0
    options = ["--quiet", "--defaults", "--vcs-ref", "v8.0.0", "--data-file"]
    run(*COPIER, "copy", *options, tmp_path / "answers.yml", releases, ".", cwd=repository)
    git(repository, "rm", "-qr", "boards/VU9P")
    git(repository, "mv", "-f", "LICENSE.old", "LICENSE")
    git(repository, "mv", "boards/ip/src", "boards/ip/resizer")
    git(repository, "rm", "-q", "*.old")
    commit_all(repository)
    result = validate(repository)
    assert result.returncode == 0 and "note:" not in result.stdout, result.stdout
    run("make", "sdist", "test", cwd=repository)


def sh(command, folder):
    """Run a command as typed into a shell; return the finished process."""
    return run("sh", "-ec", command, cwd=folder, check=False)


def plain_or_not(repository):
    """Return path and bytes of every file but git's own; links count as what they lead to."""
    return {name: data for name, data in contents_of(repository).items() if name[:5] != ".git/"}
