# The template's file: `copier update` merges its changes with yours.
"""Check the layout of an overlay repository: validate_layout.py [--release] [DIR]

Each finding is one line: rule, path, what is wrong; what to do. The status is 1 if one
of them is an error, 0 otherwise; a line that says "note:" is none. The overlay
template's docs/layout-rules.md explains every rule. Python 3.8, standard library only.
"""

import argparse
import ast
import difflib
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from urllib.parse import urlsplit

SETUP_FUNCTIONS = ("find_version", "extend_package", "get_platform")
BUILD_FILES = {
    "LICENSE": "add the full text of your licence",
    "MANIFEST.in": "add one that grafts the package",
    "pyproject.toml": 'add [build-system] with requires = ["setuptools"]',
}
SHARED_FOLDERS = ("build", "common", "ip")  # in boards/, beside the boards
BITSTREAMS = (".bit", ".pdi", ".xclbin", ".awsxclbin")
PYNQ_OVERLAYS = ("base.bit", "logictools.bit", "sensors96b.bit")  # in PYNQ's images
CODE_CACHES = {".git", ".venv", "venv", "build", "dist", "node_modules"}
TEXT_LIMIT = 4 << 20  # bytes; no file that an update merges is larger

# Importing one of these loads native code or looks for hardware.
NATIVE = {"pynq", "pynqutils", "pynqmetadata", "pyxrt", "xrfclk", "xrfdc"}
NATIVE |= {"PIL", "cffi", "ctypes", "cv2", "matplotlib", "numpy", "pandas", "scipy"}
NATIVE |= {"onnx", "tensorflow", "torch"}

VERSION_LINE = re.compile(r"^__version__ = ['\"](.+?)['\"]", re.MULTILINE)
# PEP 440, with the spellings that pip normalises.
VERSION = re.compile(
    r"v?([0-9]+!)?[0-9]+(\.[0-9]+)*"
    r"([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]*)?"
    r"(-[0-9]+|[-_.]?(post|rev|r)[-_.]?[0-9]*)?([-_.]?dev[-_.]?[0-9]*)?"
    r"(\+[a-z0-9]+([-_.][a-z0-9]+)*)?",
    re.IGNORECASE,
)


class Unreadable(Exception):
    """A file cannot be read or parsed; the text says why and what to do."""


def main():
    """Check the folder that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(description="Check an overlay repository.")
    parser.add_argument("folder", metavar="DIR", nargs="?", default=".")
    parser.add_argument(
        "--release", action="store_true", help="let no link file wait for its file"
    )
    options = parser.parse_args()
    if not os.path.isdir(options.folder):
        parser.error(f"{options.folder} is no folder; name the top of a repository")
    warnings.simplefilter("ignore")  # of code in notebooks, which is not ours
    findings = validate(options.folder, options.release)
    sys.stdout.reconfigure(errors="backslashreplace")
    for rule, path, text in findings:
        print(printable(f"{rule} {path}: {text}"))
    notes = sum(text.startswith("note: ") for _, _, text in findings)
    errors = len(findings) - notes
    print(f"{count(errors, 'error')}, {count(notes, 'note')}")
    return 1 if errors else 0


def count(number, noun):
    """Return "no errors", "1 error", "2 errors"."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def validate(folder, release=False):
    """Return the findings for the repository in `folder`: (rule, path, text) each.

    `release` makes an error of a link file whose bitstream is still to come.
    """
    repo = Repository(folder, release)
    checks = (package, build_files, boards, notebooks, links, git)
    found = [finding for check in checks for finding in check(repo)]
    return [(rule, repo.name(path), text) for rule, path, text in found]


class Repository:
    """The repository in `root`: what its answers called for, and its package."""

    def __init__(self, root, release):
        self.root = Path(root)
        self.release = release
        asked = read_layout(self.root / "tools" / "layout.json")
        self.asked = asked is not None  # False: this repository is not ours
        self.boards = asked["boards"] if asked else {}
        self.overlays = asked["overlays"] if asked else []
        self.devices = asked["known"] if asked else known_devices()
        self.package = self.root / asked["module"] if asked else self.find_package()

    def find_package(self):
        """Return the folder of the package, the one with notebooks first, or None."""
        found = [path.parent for path in sorted(self.root.glob("*/__init__.py"))]
        found = [path for path in found if path.name not in ("boards", "tests")]
        found.sort(key=lambda path: not os.path.isdir(path / "notebooks"))
        return found[0] if found else None

    def notebook_files(self, pattern):
        """Return the files in the package's notebooks folder that match, sorted."""
        if self.package is None:
            return []
        found = sorted((self.package / "notebooks").rglob(pattern))
        return [path for path in found if ".ipynb_checkpoints" not in path.parts]

    def name(self, path):
        """Return `path` as findings show it, relative to the repository."""
        return Path(os.path.relpath(path or self.root, self.root)).as_posix()


def read_layout(path):
    """Return what the answers called for, or None where the file is not ours."""
    try:
        layout = json.loads(path.read_text(encoding="utf-8"))
        return {
            "module": str(layout["module"]),
            "overlays": names(layout["overlays"]),
            "boards": {
                name: (str(b["platform"]), names(b["devices"]), names(b["files"]))
                for name, b in layout["boards"].items()
            },
            "known": names(sum(layout["known_devices"].values(), [])),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def names(values):
    """Return the items of a list as strings, whatever they were."""
    return [str(value) for value in values]


def known_devices():
    """Return the device keys of all boards: beside this file, or in the template."""
    here = Path(__file__).resolve().parent
    layout = read_layout(here / "layout.json")
    if layout:
        return layout["known"]
    try:
        catalogue = (here.parent / "boards.yml").read_text(encoding="utf-8")
    except OSError:
        return []
    lists = re.findall(r"^  devices: \[(.*)\]$", catalogue, re.MULTILINE)
    return [key.strip() for keys in lists for key in keys.split(",")]


def read_text(path):
    """Return the text of a file; raise Unreadable."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("is not text in UTF-8; save it as such") from None
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or one_line(problem)
        raise Unreadable(f"{reason}; restore this file") from None


def read_python(path):
    """Return the syntax tree of a Python file; raise Unreadable."""
    try:
        return ast.parse(read_text(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise Unreadable(f"is no valid Python: {one_line(problem)}; mend it") from None


def read_json(path):
    """Return the object in a JSON file and its repeated keys; raise Unreadable."""
    repeated = set()

    def unique(pairs):
        keys = [key for key, _ in pairs]
        repeated.update(key for key in keys if keys.count(key) > 1)
        return dict(pairs)

    try:
        data = json.loads(read_text(path), object_pairs_hook=unique)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"is no valid JSON: {one_line(problem)}; mend it") from None
    if not isinstance(data, dict):
        raise Unreadable("holds no JSON object; put { and } around its keys")
    return data, sorted(repeated)


def one_line(problem):
    """Return the text of an exception on one line."""
    return " ".join(str(problem).split()) or type(problem).__name__


def printable(text):
    """Return `text` with everything escaped that would break its line."""
    escaped = text.encode("unicode_escape", "surrogatepass").decode
    return text if text.isprintable() else escaped()


def package(repo):
    """P1 to P4: a package, its version, no native import, no tests that get installed."""
    tests = repo.root / "tests" / "__init__.py"
    if os.path.lexists(tests):
        yield "P4", tests, "would be installed over PYNQ's own tests; remove this file"
    if repo.package is None:
        yield "P1", None, "no package is here; add a folder with __init__.py"
        return
    if not os.path.isdir(repo.package / "notebooks"):
        yield "P1", repo.package, "has no notebooks; keep them in its folder notebooks"
    init = repo.package / "__init__.py"
    try:
        text = read_text(init)
    except Unreadable as problem:
        yield "P1", init, str(problem)
        return
    version = VERSION_LINE.search(text)
    if not version:
        yield "P2", init, 'sets no version; add a line __version__ = "0.1.0"'
    elif not VERSION.fullmatch(version.group(1)):
        text = f"version {version.group(1)} is not in PEP 440; write one such as 1.2.0"
        yield "P2", init, text
    yield from native_imports(repo, init, set())


def native_imports(repo, path, seen):
    """P3: follow, within the package, what importing the file at `path` runs at once."""
    seen.add(path)
    try:
        tree = read_python(path)
    except Unreadable as problem:
        yield "P3", path, str(problem)
        return
    for node in tree.body:
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module]
        elif isinstance(node, ast.ImportFrom):
            for file in imported_files(path, node):
                if file not in seen and repo.package in file.parents:
                    yield from native_imports(repo, file, seen)
        for name in sorted({name.split(".")[0] for name in modules} & NATIVE):
            text = f"imports {name} with the package, which can stop every delivery"
            yield "P3", path, f"{text}; import it in a function"


def imported_files(path, node):
    """Return the files that the relative import `node` of the file at `path` runs."""
    folder = path
    for _ in range(node.level):
        folder = folder.parent
    names = [node.module] if node.module else [alias.name for alias in node.names]
    targets = [folder.joinpath(*name.split(".")) for name in names]
    files = [target.with_suffix(".py") for target in targets]
    files += [target / "__init__.py" for target in targets]
    return [file for file in files if os.path.isfile(file)]


def build_files(repo):
    """S1 to S3: what builds the package is there and needs setuptools alone."""
    setup = repo.root / "setup.py"
    try:
        yield from setup_functions(setup, read_python(setup))
    except Unreadable as problem:
        yield "S1", setup, str(problem)
    for name, advice in BUILD_FILES.items():
        if not os.path.isfile(repo.root / name):
            yield "S2", repo.root / name, f"is missing; {advice}"
            continue
        try:
            text = read_text(repo.root / name)
        except Unreadable as problem:
            yield "S2", repo.root / name, str(problem)
            continue
        if name == "MANIFEST.in" and repo.package:
            module = repo.package.name
            graft = rf"^(graft|recursive-include)\s+({re.escape(module)}\b|\.)"
            if not re.search(graft, text, re.MULTILINE):
                text = f"leaves link files out; add a line: graft {module}"
                yield "S2", repo.root / name, text
        if name == "pyproject.toml":
            yield from build_requirements(repo.root / name, text)


def setup_functions(path, tree):
    """S1: setup.py, parsed as `tree`, defines its functions itself."""
    nodes = list(ast.walk(tree))
    own = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    source = {a.asname or a.name: node.module for node in imports for a in node.names}
    for name in SETUP_FUNCTIONS:
        if name in source:
            text = f"takes {name} from {source[name]}, which a build has on boards only"
            yield "S1", path, f"{text}; define it here"
        elif name not in own:
            yield "S1", path, f"has no {name}(); define it here"


def build_requirements(path, text):
    """S3: pyproject.toml, with this `text`, requires nothing of PYNQ's for the build."""
    table = re.search(r"(?ms)^\[build-system\](.*?)(?=^\[|\Z)", text)
    requires = table and re.search(r"(?ms)^requires\s*=\s*\[(.*?)\]", table[1])
    if not requires:
        yield "S3", path, 'has no build requirements; add requires = ["setuptools"]'
    for name in re.findall(r"pynq\w*", requires[1]) if requires else ():
        text = f"the build requires {name}, which installs on boards only; leave it out"
        yield "S3", path, text


def boards(repo):
    """B1 to B3: for what is asked a Makefile and something to build, and no other board."""
    top = repo.root / "boards"
    if not os.path.isdir(top):
        yield "B1", top, "is missing; keep in it, by board, what builds the bitstreams"
        return
    wanted = [top / name / overlay for name in repo.boards for overlay in repo.overlays]
    for board in subfolders(top):
        overlays = subfolders(board)
        if not repo.asked:
            wanted += overlays
        elif board.name not in repo.boards:
            text = "no answer asks for this board; add it with `copier update` or type"
            yield "B2", board, f"{text} `git rm -r boards/{board.name}`"
            continue
        for folder in overlays:
            if folder not in wanted:
                text = "no answer asks for this overlay; add it with `copier update`"
                yield "B2", folder, f"{text} or type `git rm -r {repo.name(folder)}`"
    for folder in wanted:
        makefiles = makefiles_in(folder)
        if not makefiles:
            text = "is missing; restore it, a build reads the board's facts there"
            yield "B1", folder / "Makefile", text
        elif repo.asked and len(makefiles) > 1:
            text = "make reads it and not the Makefile beside it; rename one"
            yield "B1", folder / makefiles[0], text
    for overlay in repo.overlays:
        ip = top / "ip" / overlay
        designs = [top / board / overlay / "design.tcl" for board in repo.boards]
        kernels = [name for name in entries(ip) if name.endswith(".cpp")]
        if not kernels and not os.path.isfile(ip / "design.tcl"):
            if not all(os.path.isfile(path) for path in designs):
                text = "note: no kernel (*.cpp) and no design.tcl; a build has nothing"
                yield "B3", ip, f"{text} to build, so add what it takes"


def makefiles_in(folder):
    """Return the names under which make finds a Makefile there, as it looks for them."""
    present = entries(folder)  # the names as they are, whatever the disk says of case
    known = ("GNUmakefile", "makefile", "Makefile")
    return [x for x in known if x in present and os.path.isfile(folder / x)]


def entries(folder):
    """Return the names in a folder; none where there is no folder."""
    try:
        return os.listdir(folder)
    except (OSError, ValueError):
        return []


def subfolders(folder):
    """Return the boards or overlays in `folder`: subfolders that hold any file."""
    found = [folder / name for name in sorted(next(os.walk(folder), ("", [], []))[1])]
    found = [path for path in found if path.name not in SHARED_FOLDERS]
    found = [path for path in found if not path.name.startswith(".")]
    return [path for path in found if any(files for _, _, files in os.walk(path))]


def notebooks(repo):
    """N1 to N3: each platform has a notebook, in valid format, and its bitstream."""
    if repo.package is None:
        return
    files = repo.notebook_files("*.ipynb")
    top = repo.package / "notebooks"
    folders = {top / platform for platform, _, _ in repo.boards.values()} or {top}
    for folder in sorted(folders):
        if not any(folder in path.parents for path in files):
            yield "N1", folder, "holds no notebook, so nothing is delivered; add one"
    for path in files:
        try:
            data, _ = read_json(path)
        except Unreadable as problem:
            yield "N2", path, str(problem)
            continue
        problem = format_problem(data)
        if problem:
            yield "N2", path, f"{problem}; save it from Jupyter again"
            continue
        for name in sorted(loaded_overlays(data["cells"])):
            places = [path.parent / (name + end) for end in ("", ".link", ".d")]
            if not any(os.path.exists(place) for place in places):
                text = f'loads Overlay("{name}"), which is not there'
                yield "N3", path, f"{text}; add {name}.link or correct the name"


def format_problem(data):
    """Return what breaks the notebook format, or None. Source: nbformat's v4 schema."""
    minor, cells = data.get("nbformat_minor"), data.get("cells")
    if data.get("nbformat") != 4 or not isinstance(minor, int):
        return "is no notebook of format 4"
    if not isinstance(data.get("metadata"), dict) or not isinstance(cells, list):
        return "has no metadata or no cells"
    for number, cell in enumerate(cells, start=1):
        kind = cell.get("cell_type") if isinstance(cell, dict) else None
        if kind not in ("code", "markdown", "raw"):
            return f"cell {number} is of no known type"
        lines = cell.get("source")
        lines = lines if isinstance(lines, list) else [lines]
        if not all(isinstance(line, str) for line in lines):
            return f"cell {number} has no source"
        needed = ["metadata"] + ["id"] * (minor >= 5)
        needed += ["outputs", "execution_count"] * (kind == "code")
        missing = [key for key in needed if key not in cell]
        if missing:
            return f"cell {number} has no {missing[0]}"
    return None


def loaded_overlays(cells):
    """Return the bitstreams that cells hand to Overlay(), as far as they are literal."""
    trees = []
    found = set()
    for cell in cells:
        code = "".join(cell["source"])
        if cell["cell_type"] != "code" or code.startswith("%%"):
            continue
        try:
            trees.append(ast.parse(re.sub(r"^\s*[%!].*", "", code, flags=re.MULTILINE)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            found.update(re.findall(r"\bOverlay\(\s*[\"']([^\"'\n]+)[\"']", code))
    nodes = [node for tree in trees for node in ast.walk(tree)]
    values = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values.setdefault(node.targets[0].id, []).append(node.value)
    for node in nodes:
        if isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", None))
            if called == "Overlay":
                given = node.args[0]
                for value in values.get(getattr(given, "id", None), [given]):
                    found.update(strings(value))
    found = {name for name in found if name.endswith(BITSTREAMS) and name[0] != "/"}
    return {name for name in found - set(PYNQ_OVERLAYS) if "\0" not in name}


def strings(tree):
    """Return the string literals in a syntax tree."""
    values = [getattr(node, "value", None) for node in ast.walk(tree)]
    return [value for value in values if isinstance(value, str)]


def links(repo):
    """L1 to L7: link files are as PYNQ reads them, for known devices, none left out."""
    devices = {}  # path of a link file: its device keys; None if it serves them all
    for path in repo.notebook_files("*.link"):
        devices[path] = None
        try:
            data, repeated = read_json(path)
        except Unreadable as problem:
            yield "L1", path, str(problem)
            continue
        for key in repeated:
            yield "L2", path, f'has "{key}" twice and PYNQ takes the last; remove one'
        if "url" in data or "md5sum" in data:
            entries = {"every device": data}
        else:
            entries = data
            devices[path] = set(data)
            for key in data:
                yield from device_key(repo, path, key)
        for key, entry in entries.items():
            for rule, text in entry_problems(entry):
                yield rule, path, f"{key}: {text}"
        waiting = [key for key, entry in entries.items() if is_pending(entry)]
        if waiting and repo.release:
            text = f"no file yet for {', '.join(waiting)}; build it"
            advice = (
                "type make links" if repo.asked else "upload it and write its md5sum"
            )
            yield "L5", path, f"{text}, then {advice}"
        elif waiting:
            yield "L5", path, f"note: no file yet for {', '.join(waiting)}"
    yield from unpaired(devices)
    yield from left_out(repo, devices)


def device_key(repo, path, key):
    """L3: `key` is, letter by letter, a device that PYNQ asks for."""
    if key in repo.devices or not repo.devices:
        return
    for known in repo.devices:
        if known.lower() == key.lower():
            yield "L3", path, f'PYNQ never asks for "{key}"; write "{known}"'
            return
    near = difflib.get_close_matches(key, repo.devices, n=1)
    advice = f'did you mean "{near[0]}"?' if near else "compare $BOARD or XRT's name"
    if repo.asked:
        text = f'"{key}" is no device of a known board; {advice}'
        yield "L3", path, f"{text} A board of your own goes into custom_boards"
    else:
        yield "L3", path, f'note: "{key}" is not in the catalogue; {advice}'


def entry_problems(entry):
    """Yield (rule, text) for what is wrong with one entry of a link file: L1, L4, L5."""
    if not isinstance(entry, dict):
        yield "L1", "is no object; write one with url and md5sum"
        return
    url = entry.get("url")
    try:
        parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
        right = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        right = False
    if not right or not url.isprintable() or " " in url:
        yield "L4", f"url is {json.dumps(url)}; write an http or https address"
    if "md5sum" not in entry:
        yield "L5", "md5sum is missing and PYNQ asks for it; write the sum, or null"
    for name, digits in (("md5sum", 32), ("sha256", 64)):
        value = entry.get(name)
        right = isinstance(value, str) and re.fullmatch("[0-9a-f]+", value)
        if value is not None and not (right and len(value) == digits):
            text = f"{name} is {json.dumps(value)}"
            yield "L5", f"{text}; write {digits} hex digits in lower case, or null"


def is_pending(entry):
    """Say whether the file of this entry of a link file is still to come."""
    return isinstance(entry, dict) and entry.get("md5sum", "") is None


def unpaired(devices):
    """L6: bitstreams of boards and their .hwh files are there for the same devices."""
    endings = (".hwh.link", ".bit.link", ".pdi.link")
    paths = [path for path in devices if path.name.endswith(endings)]
    for stem in sorted({path.with_suffix("").with_suffix("") for path in paths}):
        hwh, *bitstreams = [stem.with_name(stem.name + end) for end in endings]
        bitstreams = [path for path in bitstreams if path in devices]
        if hwh not in devices:
            if not os.path.exists(hwh.with_suffix("")):
                yield "L6", bitstreams[0], f"PYNQ needs {hwh.name} beside it; add it"
        elif not bitstreams:
            if not any(os.path.exists(f"{stem}{ending}") for ending in BITSTREAMS):
                yield "L6", hwh, "has no bitstream beside it; add its .bit.link"
        elif None not in [devices[path] for path in [hwh, *bitstreams]]:
            loadable = set().union(*[devices[path] for path in bitstreams])
            for key in sorted(loadable - devices[hwh]):
                yield "L6", hwh, f"{key} has a bitstream and no .hwh; add its entry"
            for key in sorted(devices[hwh] - loadable):
                yield "L6", bitstreams[0], f"{key} has only a .hwh; add its entry"


def left_out(repo, devices):
    """L7: every board that was asked for is in the link files of every overlay."""
    present = repo.notebook_files("*")
    needs = {}  # path of a link file that is not there: the boards that need it
    for board, (platform, keys, endings) in repo.boards.items():
        top = repo.package / "notebooks" / platform
        for name in [f"{o}.{ending}" for o in repo.overlays for ending in endings]:
            found = [path for path in present if path.name in (name, name + ".link")]
            found = [path for path in found if top in path.parents]
            if not found:
                needs.setdefault(top / (name + ".link"), []).append(board)
            for path in found:
                for key in keys if devices.get(path) is not None else ():
                    if key not in devices[path]:
                        text = f"has no {key}, a device of {board}; type make links"
                        yield "L7", path, f"{text} and it waits for the file"
    for path, users in needs.items():
        yield "L7", path, f"is missing; add it for {', '.join(users)}"


def git(repo):
    """G1 to G3: git holds no bitstream, and no update or adoption is half done."""
    tracked = git_files(repo.root, "--cached")
    for name in tracked or ():
        if name.lower().endswith(BITSTREAMS):
            text = "is a bitstream in git; keep it where its link file points and type"
            yield "G1", repo.root / name, f"{text} `git rm --cached {name}`"
    if tracked is None:
        present = walk(repo.root)
    else:
        others = git_files(repo.root, "--others", "--exclude-standard")
        rejected = git_files(repo.root, "--others", "*.rej")  # some ignore them
        present = sorted({*tracked, *(others or ()), *(rejected or ())})
    same = {name.lower(): name for name in present}
    for name in present:
        new = same.get(name.lower()[:-4]) if name.endswith(".old") else None
        if new:
            text = f"note: merge what is of use into {new}, then type"
            yield "G3", repo.root / name, f"{text} `git rm {name}`"
        if name.endswith(".rej"):
            text = "an update could not apply this; do so by hand, then remove the file"
            yield "G2", repo.root / name, text
        line = conflict_line(repo.root / name)
        if line:
            text = f"line {line} begins a conflict; choose a side, remove the markers"
            yield "G2", repo.root / name, text


def git_files(root, *options):
    """Return the paths that `git ls-files` prints; None where git has no repository."""
    command = ["git", "-C", str(root), "ls-files", "-z", *options]
    try:
        output = subprocess.check_output(command, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return None
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def walk(root):
    """Return the paths of all files below `root`, without caches and environments."""
    found = []
    for folder, subs, files in os.walk(root):
        subs[:] = sorted(set(subs) - CODE_CACHES)
        paths = [os.path.join(folder, name) for name in sorted(files)]
        found += [os.path.relpath(path, root) for path in paths]
    return found


def conflict_line(path):
    """Return the number of the line where a conflict begins in a text file, or None."""
    try:
        if os.path.islink(path) or not os.path.isfile(path):
            return None
        if os.path.getsize(path) > TEXT_LIMIT:
            return None
        data = path.read_bytes()
    except (OSError, ValueError):
        return None
    begin = re.search(rb"^<<<<<<[<] ", data, re.MULTILINE)
    end = re.search(rb"^>>>>>>[>] ", data, re.MULTILINE)
    if not begin or not end or b"\0" in data[:8192]:
        return None
    return data.count(b"\n", 0, begin.start()) + 1


if __name__ == "__main__":
    sys.exit(main())
