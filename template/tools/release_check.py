# The template's file: `copier update` merges its changes with yours.
"""Is this repository ready for PyPI? release_check.py [--tag TAG]

Layout, links, versions, then the packages, built into dist/ and read: each step says what is wrong, and
all of them run. With a TAG, as in CI, the version must be the tag's.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

from repository import BOARDS, MODULE, PIP_WHEEL, ROOT, git, shown, version

BITSTREAMS = (".bit", ".hwh", ".pdi", ".xclbin", ".awsxclbin")
PAPERS = {"setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", "PKG-INFO"}
PAPERS |= {"README.md", "LICENSE", "CHANGELOG.md"}


def main():
    """Run every check; return the exit status."""
    parser = argparse.ArgumentParser(description="Check that a release can go out.")
    parser.add_argument("--tag", default="")
    tag = parser.parse_args().tag
    checks = {
        "layout": lambda: tool("validate_layout.py", "--release", str(ROOT)),
        "links": lambda: tool("verify_links.py"),
        "versions": lambda: told(version_problems(tag)),
        "packages": lambda: told(package_problems()),
    }
    problems = []
    for name, passes in checks.items():
        print(f"{name.capitalize()}:", flush=True)
        if not passes():
            problems.append(name)
    if problems:
        print(f"Not ready, see {', '.join(problems)} above")
        return 1
    print(f"{version()} is ready: {', '.join(shown(path) for path in built())}")
    return 0


def tool(name, *arguments):
    """Run the tool called `name`; say whether it is content."""
    command = [sys.executable, str(ROOT / "tools" / name), *arguments]
    return subprocess.call(command, cwd=str(ROOT)) == 0


def told(problems):
    """Print the problems of a check; say whether there are none but notes."""
    problems = list(problems)
    for problem in problems:
        print(problem)
    return all(problem.startswith("note: ") for problem in problems)


def version_problems(tag):
    """Yield where the version in the package, the CHANGELOG and the tag disagree."""
    here = version()
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^##\s+\[?v?([^\]\s]+)", text, re.MULTILINE)
    newest = newest[1] if newest else "nothing"
    if newest != here:
        yield f"CHANGELOG.md begins with {newest} and the package is {here}; make them agree"
    names = (f"v{here}", here)
    if tag and tag not in names:
        yield f"the tag is {tag} and the package is {here}; tag it v{here} or change __version__"
    if git("rev-parse", "HEAD") is None:
        yield "note: no git here, so no tag was compared"
        return
    on_head = [
        name for name in git("tag", "--points-at", "HEAD") if re.match(r"v?\d", name)
    ]
    taken = [name for name in git("tag", "--list", *names) if name not in on_head]
    if taken:
        yield f"{taken[0]} is the tag of another commit; raise __version__"
    elif on_head and not set(on_head) & set(names):
        yield f"this commit has the tag {on_head[0]} and the package is {here}; make them agree"
    elif not on_head:
        yield f"note: there is no tag yet; the next step is git tag v{here}"
    if git("status", "--porcelain"):
        text = "some changes are not committed; a release is made of what git has"
        yield text if tag else f"note: {text}"


def package_problems():
    """Build the packages; yield what is wrong with them."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    yield from run(["make", "-s", "sdist", f"PYTHON={sys.executable}"])
    if not built():
        return
    platforms = {board["platform"] for board in BOARDS.values()}
    if len(platforms) == 1:  # else a wheel would carry the platform of this machine
        yield from run([*PIP_WHEEL, "dist", str(built()[0])])
    for path in built():
        yield from content_problems(path)
    yield from run(
        [
            sys.executable,
            "-m",
            "twine",
            "check",
            "--strict",
            *[str(path) for path in built()],
        ]
    )


def built():
    """Return the packages in dist/."""
    return sorted((ROOT / "dist").glob("*"))


def run(command):
    """Run a command in the repository; yield what it prints if it fails."""
    result = subprocess.run(
        command,
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if result.returncode:
        yield result.stdout.strip()


def content_problems(path):
    """Yield what the package at `path` must not hold, and what it lacks."""
    names = sorted(names_in(path))
    package = {name for name in names if name.startswith(MODULE + "/")}
    meta = re.compile(rf"({MODULE}[^/]*|[^/]*)\.(egg|dist)-info/")
    known = git("ls-files", "-z", "--", MODULE)
    known = set("".join(known).split("\0")) - {""} if known is not None else None
    for name in names:
        if name.endswith(BITSTREAMS):
            yield f"{path.name} holds the bitstream {name}; a link file takes its place"
        elif name in package and known is not None and name not in known:
            yield f"{path.name} holds {name}, which is not in git; add it or remove it"
        elif name not in package and name not in PAPERS and not meta.match(name):
            yield f"{path.name} holds {name}, which no user needs; see MANIFEST.in and setup.py"
    shipped = (".ipynb", ".link", ".py")
    wanted = {
        name for name in known or () if name.endswith(shipped) and ".bit.d/" not in name
    }
    for name in sorted(wanted - package):
        yield f"{path.name} lacks {name}; see MANIFEST.in and setup.py"


def names_in(path):
    """Return the paths of the files in an sdist, without its top folder, or in a wheel."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return [name for name in wheel.namelist() if not name.endswith("/")]
    with tarfile.open(path) as sdist:
        members = [member.name for member in sdist.getmembers() if member.isfile()]
    return [name.partition("/")[2] for name in members]


if __name__ == "__main__":
    sys.exit(main())
