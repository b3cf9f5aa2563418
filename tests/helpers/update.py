"""Repositories of a released template, and the next release that they are updated to."""

import hashlib
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


def released():
    """Return the commit of each released version of the template, oldest first."""
    return yaml.safe_load((TEMPLATE / "tests/releases.yml").read_text()) or {}


def is_shallow():
    """Say whether this clone of the template lacks history."""
    return git(TEMPLATE, "rev-parse", "--is-shallow-repository").strip() == "true"


def with_releases(template, copy):
    """Make in `copy` a throw-away clone of the template in which every version is tagged.

    v8.0.0 is `template`, which is the work tree; v9.0.0 is a next release, with a fix in each file.
    A shallow clone has no released versions; the tests that need them are skipped and say so.
    """
    git(copy.parent, "clone", "-q", "--no-tags", str(TEMPLATE), str(copy))
    for version, commit in ({} if is_shallow() else released()).items():
        git(copy, "tag", f"v{version}", commit)
    git(copy, "fetch", "-q", "--no-tags", str(template), "HEAD")
    command = ("commit-tree", "FETCH_HEAD^{tree}", "-p", "HEAD", "-m", "The template under test")
    git(copy, "checkout", "-q", "--detach", git(copy, *command).strip())
    git(copy, "tag", "v8.0.0")
    for path in sorted((copy / "template").rglob("*")):
        if path.is_file() and not re.search("answers_file|validate_layout", path.name):
            bare = path.with_suffix("") if path.suffix == ".jinja" else path
            name = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", bare.name)
            if Path(name).suffix not in JSON and "LICENSE" not in name:
                ending = Path(name).suffix if Path(name).suffix in COMMENTS else ""
                with open(path, "a", encoding="utf-8") as file:
                    file.write(COMMENTS[ending].format("A fix of the next release."))
    with open(copy / "hooks/validate_layout.py", "a", encoding="utf-8") as file:
        file.write("# A fix of the next release.\n")
    git(copy, "commit", "-qam", "Next")
    git(copy, "tag", "v9.0.0")
    git(copy, "repack", "-adq")  # each update clones it several times
    return copy


def made(releases, folder, release="v8.0.0", copier=COPIER, **answers):
    """Make and commit a repository of a release; the same one is rendered once and then copied."""
    key = hashlib.sha256(repr((folder.name, release, copier, answers)).encode()).hexdigest()
    kept = releases.parent / "made" / key
    if not kept.exists():
        data = releases.parent / f"{key}.yml"
        data.write_text(yaml.safe_dump(answers))
        options = ["--quiet", "--defaults", "--vcs-ref", release, "--data-file", data]
        fresh = releases.parent / "made" / f"{key}.fresh" / folder.name
        run(*copier, "copy", *options, releases, fresh)
        commit_all(fresh, "Made")
        fresh.rename(kept)
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copytree(kept, folder, symlinks=True))


def update(repository, *options, check=True, copier=COPIER):
    """Run `copier update`; return the finished process."""
    return run(*copier, "update", "--defaults", *options, cwd=repository, check=check)


def plain(repository):
    """Return path and bytes of every file, without git and the line that names the commit."""
    found = {name: data for name, data in contents_of(repository).items() if name[:5] != ".git/"}
    answers = found[".copier-answers.yml"]
    found[".copier-answers.yml"] = re.sub(rb"(?m)^_commit: .*\n", b"", answers)
    return found
