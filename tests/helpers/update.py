"""Repositories of a released template, and the next release that they are updated to."""

import re
import shutil
import sys
from pathlib import Path

import yaml

from helpers.render import TEMPLATE, commit_all, contents_of, git, run

COPIER = (sys.executable, "-m", "copier")

# Answers under which repositories are made and updated.
SHAPES = {
    "default": {},
    "edge": {"platforms": ["edge"], "boards": ["Pynq-Z2", "KV260"], "ci": "gitlab"},
    "wide": {
        "boards": ["Pynq-Z1", "ZCU104", "VCK190", "U50"],
        "overlays": ["fir", "fft"],
        "license": "MIT",
    },
}

# What each kind of file gets in the next release, and what owners write into it: a line at the end.
COMMENTS = {
    ".py": "# {}\n",
    ".mk": "# {}\n",
    ".tcl": "# {}\n",
    ".sh": "# {}\n",
    ".yml": "# {}\n",
    ".toml": "# {}\n",
    ".in": "# {}\n",
    ".cfg": "# {}\n",
    ".md": "{}\n",
    ".cpp": "// {}\n",
    "": "# {}\n",
}
JSON = (".json", ".link", ".ipynb")


def owners(module):
    """Return the patterns of the owner's files, from the list in docs/update.md."""
    text = (TEMPLATE / "docs/update.md").read_text()
    section = text.partition("## The owner's files")[2].partition("\n## ")[0]
    found = re.findall(r"^- `([^`]+)`", section, re.MULTILINE)
    assert found
    return [pattern.replace("<module>", module) for pattern in found]


def is_owners(name, module):
    """Say whether the emitted file `name` is the owner's."""
    return any(Path("/" + name).match("/" + pattern) for pattern in owners(module))


def module_of(repository):
    return yaml.safe_load((repository / ".copier-answers.yml").read_text())["module_name"]


def add_line(path, text):
    """Add a line to a file in the way of its language; say whether that was possible."""
    ending = path.suffix if path.suffix in COMMENTS else ""
    if path.suffix in JSON or path.name in ("LICENSE", ".copier-answers.yml"):
        return False
    with open(path, "a", encoding="utf-8", newline="") as file:
        file.write(COMMENTS[ending].format(text))
    return True


def next_release(template, copy):
    """Clone the template into `copy` with a next release, v9.0.0, that has a fix in each file."""
    shutil.copytree(template, copy)
    for path in sorted((copy / "template").rglob("*")):
        if (
            path.is_file()
            and "answers_file" not in path.name
            and "validate_layout" not in path.name
        ):
            bare = path.with_suffix("") if path.suffix == ".jinja" else path
            name = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", bare.name)
            if Path(name).suffix not in JSON and "LICENSE" not in name:
                ending = Path(name).suffix if Path(name).suffix in COMMENTS else ""
                with open(path, "a", encoding="utf-8") as file:
                    file.write(COMMENTS[ending].format("A fix of the next release."))
    commit_all(copy, "Next")
    git(copy, "tag", "v9.0.0")
    return copy


def made(releases, folder, release="v0.0.1", **answers):
    """Make and commit a repository of a release."""
    folder.parent.mkdir(exist_ok=True)
    data = folder.parent / f"{folder.name}.answers.yml"
    data.write_text(yaml.safe_dump(answers))
    options = ["--quiet", "--defaults", "--vcs-ref", release, "--data-file", data]
    run(*COPIER, "copy", *options, releases, folder)
    commit_all(folder, "Made")
    return folder


def update(repository, *options, check=True):
    """Run `copier update`; return the finished process."""
    return run(*COPIER, "update", "--defaults", *options, cwd=repository, check=check)


def plain(repository):
    """Return path and bytes of every file, without git and the line that names the commit."""
    found = {name: data for name, data in contents_of(repository).items() if name[:5] != ".git/"}
    answers = found[".copier-answers.yml"]
    found[".copier-answers.yml"] = re.sub(rb"(?m)^_commit: .*\n", b"", answers)
    return found
