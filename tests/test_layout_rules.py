"""Each layout rule, broken alone in a rendered repository, is found and nothing else is."""

import json
import os
import re
import shutil
import sys

import pytest
from helpers import interpreters
from helpers.render import CATALOGUE, TEMPLATE, commit_all, git, render, run, validate
from packaging.version import InvalidVersion, Version

sys.path.insert(0, str(TEMPLATE / "hooks"))
import validate_layout

HOOK = TEMPLATE / "hooks" / "validate_layout.py"
EDGE = "my_overlay/notebooks/edge"
BIT, HWH = f"{EDGE}/my_overlay.bit.link", f"{EDGE}/my_overlay.hwh.link"
XCLBIN = "my_overlay/notebooks/pcie/my_overlay.xclbin.link"
NOTEBOOK = f"{EDGE}/my_overlay.ipynb"
U200 = "xilinx_u200_xdma_201830_2"


def write(name, text):
    def change(repository):
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    return change


def replace(name, old, new):
    def change(repository):
        text = (repository / name).read_text()
        assert old in text
        (repository / name).write_text(text.replace(old, new))

    return change


def remove(name):
    def change(repository):
        path = repository / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def edit_json(name, edit):
    def change(repository):
        data = json.loads((repository / name).read_text())
        edit(data)
        (repository / name).write_text(json.dumps(data, indent=1))

    return change


def entry(name, device, **changes):
    return edit_json(name, lambda links: links[device].update(changes))


def both(*changes):
    def change(repository):
        for one in changes:
            one(repository)

    return change


def add_bitstream_to_git(repository):
    (repository / f"{EDGE}/my_overlay.bit").write_bytes(b"bitstream")
    git(repository, "init", "-q")
    git(repository, "add", "-f", f"{EDGE}/my_overlay.bit")


def cell(**changes):
    return edit_json(NOTEBOOK, lambda data: data["cells"][1].update(changes))


CONFLICT = "a\n<<<<<<< before updating\nb\n=======\nc\n>>>>>>> after updating\n"
INIT = "my_overlay/__init__.py"
LATE = "\n\n\ndef f():\n    import pynq\n"

# rule, where it is found, words of the finding, how it is broken
BROKEN = [
    ("P1", "my_overlay/__init__.py", "No such file", remove(INIT)),
    ("P1", "my_overlay/__init__.py", "UTF-8", write(INIT, b"\xff\xfe")),
    ("P2", INIT, "sets no version", replace(INIT, "__version__", "version")),
    ("P2", INIT, "version next is not in PEP 440", replace(INIT, "0.1.0", "next")),
    ("P3", INIT, "is no valid Python", replace(INIT, "__version__", "(\n__version__")),
    ("P3", INIT, "imports pynq", replace(INIT, "\n__v", "\nfrom pynq import Overlay\n__v")),
    ("P3", INIT, "imports numpy", replace(INIT, "\n__v", "\nimport numpy.linalg as n\n__v")),
    (
        "P3",
        "my_overlay/drivers/__init__.py",
        "imports cffi",
        both(
            replace(INIT, "\n__v", "\nfrom . import drivers\n__v"),
            write("my_overlay/drivers/__init__.py", "import cffi\n"),
        ),
    ),
    ("P4", "tests/__init__.py", "remove this file", write("tests/__init__.py", "")),
    ("S1", "setup.py", "No such file", remove("setup.py")),
    ("S1", "setup.py", "is no valid Python", write("setup.py", "setup(\n")),
    ("S1", "setup.py", "has no get_platform()", replace("setup.py", "get_platform", "platform_")),
    ("S1", "setup.py", "has no find_version()", replace("setup.py", "find_version", "version")),
    ("S1", "setup.py", "has no extend_package()", replace("setup.py", "extend_package", "extend")),
    (
        "S1",
        "setup.py",
        "takes find_version from pynqutils.setup_utils",
        replace(
            "setup.py", "\nimport os", "\nfrom pynqutils.setup_utils import find_version\nimport os"
        ),
    ),
    ("S2", "LICENSE", "is missing", remove("LICENSE")),
    ("S2", "MANIFEST.in", "is missing", remove("MANIFEST.in")),
    ("S2", "MANIFEST.in", "leaves link files out", replace("MANIFEST.in", "graft", "# graft")),
    ("S2", "pyproject.toml", "is missing", remove("pyproject.toml")),
    (
        "S3",
        "pyproject.toml",
        "requires pynqutils",
        replace("pyproject.toml", '"]', '", "pynqutils"]'),
    ),
    ("S3", "pyproject.toml", "has no build requirements", write("pyproject.toml", "[tool.x]\n")),
    (
        "B1",
        "boards/U200/my_overlay/Makefile",
        "is missing",
        remove("boards/U200/my_overlay/Makefile"),
    ),
    ("B1", "boards/ZCU104/my_overlay/Makefile", "is missing", remove("boards/ZCU104")),
    ("B1", "boards", "is missing", remove("boards")),
    (
        "B1",
        "boards/U200/my_overlay/makefile",
        "not the Makefile beside it",
        write("boards/U200/my_overlay/makefile", ""),
    ),
    ("B2", "boards/KV260", "git rm -r boards/KV260", write("boards/KV260/my_overlay/Makefile", "")),
    (
        "B2",
        "boards/U200/fft",
        "git rm -r boards/U200/fft",
        write("boards/U200/fft/Makefile", ""),
    ),
    (
        "N1",
        "my_overlay/notebooks/pcie",
        "holds no notebook",
        remove("my_overlay/notebooks/pcie/my_overlay.ipynb"),
    ),
    ("N2", NOTEBOOK, "is no valid JSON", write(NOTEBOOK, '{"cells": [')),
    ("N2", NOTEBOOK, "holds no JSON object", write(NOTEBOOK, "[]")),
    ("N2", NOTEBOOK, "UTF-8", write(NOTEBOOK, b"\x80\x81")),
    (
        "N2",
        NOTEBOOK,
        "is no notebook of format 4",
        edit_json(NOTEBOOK, lambda n: n.update(nbformat=3)),
    ),
    ("N2", NOTEBOOK, "no metadata or no cells", edit_json(NOTEBOOK, lambda n: n.pop("cells"))),
    ("N2", NOTEBOOK, "cell 2 is of no known type", cell(cell_type="heading")),
    ("N2", NOTEBOOK, "cell 2 has no source", cell(source=None)),
    (
        "N2",
        NOTEBOOK,
        "cell 2 has no outputs",
        edit_json(NOTEBOOK, lambda n: n["cells"][1].pop("outputs")),
    ),
    ("N2", NOTEBOOK, "cell 1 has no id", edit_json(NOTEBOOK, lambda n: n.update(nbformat_minor=5))),
    (
        "N3",
        NOTEBOOK,
        'loads Overlay("fir.bit")',
        cell(source='from pynq import Overlay\no = Overlay("fir.bit")'),
    ),
    (
        "N3",
        NOTEBOOK,
        'loads Overlay("fir.bit")',
        cell(source="%time\nimport pynq\nname = 'fir.bit'\npynq.Overlay(name)"),
    ),
    ("N3", NOTEBOOK, 'loads Overlay("fir.bit")', cell(source='o = Overlay("fir.bit"); (')),
    ("L1", BIT, "is no valid JSON", write(BIT, '{"Pynq-Z2": ')),
    ("L1", BIT, "is no valid JSON", write(BIT, "[" * 100000)),
    ("L1", BIT, "holds no JSON object", write(BIT, "[]")),
    ("L1", BIT, "UTF-8", write(BIT, b"\x00\xff\x00")),
    ("L1", BIT, "ZCU104: is no object", edit_json(BIT, lambda links: links.update(ZCU104="x"))),
    ("L2", BIT, 'has "Pynq-Z2" twice', replace(BIT, 'ZCU104": {', 'ZCU104": {}, "Pynq-Z2": {')),
    ("L4", BIT, 'ZCU104: url is "ftp://x/y"', entry(BIT, "ZCU104", url="ftp://x/y")),
    ("L4", BIT, 'ZCU104: url is "x.bit"', entry(BIT, "ZCU104", url="x.bit")),
    ("L4", BIT, "ZCU104: url is null", entry(BIT, "ZCU104", url=None)),
    ("L4", BIT, 'url is "http://[x"', entry(BIT, "ZCU104", url="http://[x")),
    ("L4", BIT, 'url is "http://x/a b"', entry(BIT, "ZCU104", url="http://x/a b")),
    ("L5", BIT, "32 hex digits in lower case", entry(BIT, "ZCU104", md5sum="A" * 32)),
    ("L5", BIT, "32 hex digits in lower case", entry(BIT, "ZCU104", md5sum="a" * 31)),
    ("L5", BIT, "32 hex digits in lower case", entry(BIT, "ZCU104", md5sum=5)),
    ("L5", BIT, "64 hex digits in lower case", entry(BIT, "ZCU104", sha256="a" * 32)),
    ("L5", BIT, "md5sum is missing", edit_json(BIT, lambda links: links["ZCU104"].pop("md5sum"))),
    ("L7", XCLBIN, "is missing; add it for U200", remove(XCLBIN)),
    ("L7", XCLBIN, f"has no {U200}, a device of U200", write(XCLBIN, "{}")),
    ("G1", f"{EDGE}/my_overlay.bit", "is a bitstream in git", add_bitstream_to_git),
    ("G2", "Makefile", "line 2 begins a conflict", write("Makefile", CONFLICT)),
    (
        "G2",
        "README.md",
        "line 2 begins a conflict",
        write("README.md", CONFLICT.replace("\n", "\r\n")),
    ),
    ("G2", "README.md.rej", "an update could not apply this", write("README.md.rej", "x")),
]


def found(result):
    """Return the findings of a run that are errors, and the text of them all."""
    lines = result.stdout.splitlines()
    return [line for line in lines[:-1] if ": note: " not in line], result.stdout


@pytest.mark.parametrize(
    "rule, path, words, break_it", BROKEN, ids=lambda v: v if isinstance(v, str) else ""
)
def test_broken_rule_is_found(repository, rule, path, words, break_it):
    break_it(repository)
    result = validate(repository)
    errors, output = found(result)
    assert result.returncode == 1, output
    assert any(line.startswith(f"{rule} {path}: ") and words in line for line in errors), output
    assert result.stderr == ""


@pytest.mark.parametrize(
    "line, change",
    [
        (
            "B3 boards/ip/my_overlay: note: no kernel (*.cpp) and no design.tcl; a build has nothing "
            "to build, so add what it takes",
            remove("boards/ip/my_overlay"),
        ),
        (
            "G3 setup.py.old: note: merge what is of use into setup.py, then type "
            "`git rm setup.py.old`",
            write("setup.py.old", ""),
        ),
        (
            "G3 boards/U200/my_overlay/makefile.old: note: merge what is of use into "
            "boards/U200/my_overlay/Makefile, then type `git rm boards/U200/my_overlay/makefile.old`",
            write("boards/U200/my_overlay/makefile.old", ""),
        ),
    ],
    ids=["B3", "G3", "G3 of a makefile"],
)
def test_what_is_half_done_is_noted(repository, line, change):
    before = validate(repository).stdout.splitlines()
    change(repository)
    result = validate(repository)
    assert result.returncode == 0
    assert set(result.stdout.splitlines()[:-1]) - set(before) == {line}


def test_a_design_is_as_good_as_a_kernel(repository):
    remove("boards/ip/my_overlay/vadd.cpp")(repository)
    remove("boards/ip/my_overlay/vadd_test.cpp")(repository)
    write("boards/ip/my_overlay/design.tcl", "")(repository)
    assert "B3" not in validate(repository).stdout
    remove("boards/ip/my_overlay/design.tcl")(repository)
    for board in ("Pynq-Z2", "ZCU104"):
        write(f"boards/{board}/my_overlay/design.tcl", "")(repository)
    assert "B3" in validate(repository).stdout
    write("boards/U200/my_overlay/design.tcl", "")(repository)
    assert "B3" not in validate(repository).stdout


def test_a_rejected_part_is_found_where_git_ignores_it(repository):
    write(".gitignore", "*.rej\n")(repository)
    git(repository, "init", "-q")
    write("setup.py.rej", "x")(repository)
    assert "G2 setup.py.rej" in validate(repository).stdout


def test_every_rule_is_broken_above():
    docs = (TEMPLATE / "docs" / "layout-rules.md").read_text()
    documented = re.findall(r"^### ([A-Z]\d)$", docs, re.MULTILINE)
    in_code = sorted(set(re.findall(r'"([A-Z]\d)", ', HOOK.read_text())))
    assert documented and sorted(documented) == in_code
    assert set(in_code) - {rule for rule, *_ in BROKEN} == {"B3", "G3", "L3", "L6"}  # below


@pytest.mark.parametrize(
    "link, key, advice",
    [
        (BIT, "zcu104", 'PYNQ never asks for "zcu104"; write "ZCU104"'),
        (BIT, "ZCU10", 'did you mean "ZCU104"?'),
        (BIT, "Toaster", "compare $BOARD or XRT's name"),
        (XCLBIN, "xilinx_u200_XDMA_201830_2", f'write "{U200}"'),
        (XCLBIN, "xilinx_u200_xdma_201830_3", f'did you mean "{U200}"?'),
    ],
)
def test_unknown_device_gets_the_right_one(repository, link, key, advice):
    old = "ZCU104" if link == BIT else U200
    replace(link, f'"{old}":', f'"{key}":')(repository)
    errors, output = found(validate(repository))
    assert any(line.startswith(f"L3 {link}: ") and advice in line for line in errors), output


def test_bitstream_and_hwh_name_the_same_devices(repository):
    edit_json(HWH, lambda links: links.pop("ZCU104"))(repository)
    edit_json(BIT, lambda links: links.pop("Pynq-Z2"))(repository)
    errors, _ = found(validate(repository))
    assert f"L6 {HWH}: ZCU104 has a bitstream and no .hwh; add its entry" in errors
    assert f"L6 {BIT}: Pynq-Z2 has only a .hwh; add its entry" in errors
    remove(HWH)(repository)
    errors, _ = found(validate(repository))
    assert f"L6 {BIT}: PYNQ needs my_overlay.hwh.link beside it; add it" in errors


def test_broken_rules_are_all_found_in_one_run(repository):
    for _, _, _, break_it in [BROKEN[i] for i in (2, 15, 20, 33, 39, 55)]:
        break_it(repository)
    errors, output = found(validate(repository))
    assert len({line.split()[0] for line in errors}) >= 5, output


def test_untouched_repository_has_notes_only_until_its_release(repository):
    result = validate(repository)
    assert result.returncode == 0
    assert result.stdout.splitlines() == [
        f"L5 {BIT}: note: no file yet for Pynq-Z2, ZCU104",
        f"L5 {HWH}: note: no file yet for Pynq-Z2, ZCU104",
        f"L5 {XCLBIN}: note: no file yet for {U200}",
        "no errors, 3 notes",
    ]
    result = validate(repository, "--release")
    assert result.returncode == 1
    assert "no file yet for Pynq-Z2, ZCU104; build it, then type make links" in result.stdout
    for name in (BIT, HWH, XCLBIN):
        replace(name, "null", f'"{"0" * 32}"')(repository)
    result = validate(repository, "--release")
    assert (result.returncode, result.stdout) == (0, "no errors, no notes\n")


@pytest.mark.parametrize(
    "change",
    [
        write(BIT, '{"url": "https://x/y", "md5sum": "' + "0" * 32 + '"}'),
        entry(BIT, "ZCU104", md5sum="0" * 32, sha256="0" * 64, digest="anything"),
        write(INIT, '__version__ = "1.0rc1.post2.dev3+local.4"\n' + LATE),
        write(INIT, "__version__ = '2'\ntry:\n    import pynq\nexcept ImportError:\n    pass\n"),
        write(f"{EDGE}/images/my_overlay.png", b"\x89PNG\x00<<<<<<< a\n>>>>>>> b\n"),
        write("notes.md", "Title\n=======\n<<<<<<< not a conflict, it never ends\n"),
        write("boards/common/vivado.mk", ""),
        write("boards/README.md", ""),
        both(write(f"{EDGE}/fir.hwh", ""), write(f"{EDGE}/fir.bit", "")),
        cell(
            source='import os\nOverlay("/abs/x.bit"), Overlay("base.bit"), Overlay(os.name), Overlay()'
        ),
        cell(source="%%bash\nOverlay('x.bit')"),
        write(f"{EDGE}/.ipynb_checkpoints/x-checkpoint.ipynb", "no notebook"),
    ],
)
def test_what_is_allowed_is_not_found(repository, change):
    change(repository)
    result = validate(repository)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout


def test_conflict_is_found_in_files_that_git_knows_or_would_add(repository):
    write(".gitignore", "ignored\n")(repository)
    for name in ("tracked", "untracked", "ignored"):
        write(name, CONFLICT)(repository)
    git(repository, "init", "-q")
    git(repository, "add", "tracked")
    errors, _ = found(validate(repository))
    assert [line.split()[1] for line in errors] == ["tracked:", "untracked:"]


# --- Repositories that it did not make --------------------------------------------------------------


def hook(folder, *options):
    """Run the rules from the template, which knows the whole catalogue."""
    return run(sys.executable, HOOK, *options, folder, check=False)


LINK = '{"Pynq-Z1": {"url": "http://a/b", "md5sum": "' + "0" * 32 + '"}}'
FOREIGN_SETUP = "from pynqutils.setup_utils import find_version, extend_package, get_platform\n"


def test_hello_world_shape(tmp_path):
    """One package with both platforms, boards with lower-case makefiles, some of them links."""
    notebook = json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 2,
            "metadata": {},
            "cells": [
                {
                    "cell_type": "code",
                    "metadata": {},
                    "outputs": [],
                    "execution_count": 1,
                    "source": ['Overlay("resizer.bit")'],
                }
            ],
        }
    )
    for name, text in {
        "pynq_hello/__init__.py": '__version__ = "3.0.0"\n',
        "pynq_hello/notebooks/edge/resizer.ipynb": notebook,
        "pynq_hello/notebooks/edge/resizer.bit.link": LINK.replace("Pynq-Z1", "pynq-z1"),
        "pynq_hello/notebooks/edge/resizer.hwh.link": LINK.replace("Pynq-Z1", "pynq-z1"),
        "pynq_hello/notebooks/pcie/resizer.xclbin.link": LINK.replace("Pynq-Z1", "xilinx_old_1"),
        "pynq_hello/tests/test_notebook.py": "",
        "boards/Pynq-Z1/resizer/makefile": "",
        "boards/ip/Makefile": "",
        "setup.py": FOREIGN_SETUP,
        "LICENSE": "",
        "MANIFEST.in": "recursive-include pynq_hello *\n",
        "pyproject.toml": '[build-system]\nrequires = [\n "setuptools",\n "pynqutils"]\n',
    }.items():
        write(name, text)(tmp_path)
    (tmp_path / "boards/Pynq-Z2").symlink_to("Pynq-Z1")
    (tmp_path / "boards/ZCU104/resizer").mkdir(parents=True)
    (tmp_path / "boards/ZCU104/resizer/makefile").symlink_to("../../gone/makefile")
    result = hook(tmp_path)
    assert result.stderr == ""
    assert [line.partition(":")[0] for line in result.stdout.splitlines()[:-1]] == [
        "S1 setup.py",
        "S1 setup.py",
        "S1 setup.py",
        "S3 pyproject.toml",
        "B1 boards/ZCU104/resizer/Makefile",
        "L3 pynq_hello/notebooks/edge/resizer.bit.link",
        "L3 pynq_hello/notebooks/edge/resizer.hwh.link",
        "L3 pynq_hello/notebooks/pcie/resizer.xclbin.link",
    ]
    assert 'never asks for "pynq-z1"; write "Pynq-Z1"' in result.stdout
    assert 'note: "xilinx_old_1" is not in the catalogue' in result.stdout


def test_alveo_shape(tmp_path):
    """Several notebook folders with links of their own, in a package beside another one."""
    write("pynq_examples/__init__.py", "")(tmp_path)
    write("another/__init__.py", "")(tmp_path)
    for folder in ("0_welcome", "1_intro/deep"):
        write(f"pynq_examples/notebooks/{folder}/a.xclbin.link", LINK)(tmp_path)
    write("pynq_examples/notebooks/1_intro/b.ipynb", "{}")(tmp_path)
    write("setup.py", "def extend_package(): pass\n")(tmp_path)
    result = hook(tmp_path)
    assert result.stderr == "" and result.returncode == 1
    assert "P2 pynq_examples/__init__.py: sets no version" in result.stdout
    assert "N2 pynq_examples/notebooks/1_intro/b.ipynb: is no notebook" in result.stdout


def test_empty_folder_and_no_folder(tmp_path):
    result = hook(tmp_path)
    assert result.stdout.startswith("P1 .: no package is here")
    assert result.stdout.endswith("\n6 errors, no notes\n")
    result = hook(tmp_path / "gone")
    assert result.returncode == 2 and "name the top of a repository" in result.stderr


ODD = [b"", b"\0" * 100, b"\xff\xfe", b"[" * 100000, b'{"a": ' * 5000, b"null", b"5", b'"x"', b"{}"]


@pytest.mark.parametrize("content", ODD, ids=lambda content: repr(content[:6]))
def test_any_file_may_hold_anything(repository, content):
    """No content of any one file makes the check crash, and each finding stays on its line."""
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    for path, original in before.items():
        if path.name != "validate_layout.py":
            path.write_bytes(content)
            for finding in validate_layout.validate(repository):
                assert len(finding) == 3 and finding[0] and finding[2]
            path.write_bytes(original)


def test_any_file_may_be_a_folder_a_broken_link_or_a_pipe(repository):
    for path in [path for path in repository.rglob("*") if path.is_file()]:
        original = path.read_bytes()
        for make in (
            os.mkdir,
            lambda path: os.symlink("gone", path),
            lambda path: os.symlink(".", path),
        ):
            path.unlink()
            make(path)
            validate_layout.validate(repository)
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            path.write_bytes(original)


VALUES = [
    None,
    5,
    1.5,
    True,
    "x",
    "../..",
    "/etc",
    "a\0b",
    "a\nb",
    [],
    ["x"],
    {},
    {"url": 5},
    [[]],
    "é🎉",
]


@pytest.mark.parametrize("name", ["tools/layout.json", BIT, NOTEBOOK])
def test_any_json_value_may_be_anything(repository, name):
    """Every value of the file, however deep, replaced by odd ones."""
    data = json.loads((repository / name).read_text())

    def places(node):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield node, key
            if isinstance(node[key], (dict, list)):
                yield from places(node[key])

    for node, key in list(places(data)):
        original = node[key]
        for value in VALUES:
            node[key] = value
            (repository / name).write_text(json.dumps(data))
            for _, path, text in validate_layout.validate(repository):
                line = validate_layout.printable(f"{path}: {text}")
                assert "\n" not in line and "\0" not in line
        node[key] = original


def test_findings_of_odd_file_names_stay_on_one_line(repository):
    name = "a\nb\x1b[31m é.rej"
    write(name, "x")(repository)
    errors, output = found(validate(repository))
    assert len(errors) == 1 and errors[0].startswith("G2 a\\nb\\x1b[31m ")


def test_hook_and_emitted_check_are_the_same(default_repository):
    emitted = default_repository / "tools/validate_layout.py"
    assert emitted.read_bytes() == HOOK.read_bytes()


def test_hook_knows_the_catalogue_without_yaml():
    keys = [key for board in CATALOGUE for key in board["devices"]]
    assert validate_layout.known_devices() == keys


@pytest.mark.parametrize("version", interpreters.VERSIONS)
def test_check_runs_on(python_of, repository, version):
    """Quietly, even where a notebook makes the parser warn, as from Python 3.12 on."""
    cell(source='path = "\\d"')(repository)
    check = repository / "tools/validate_layout.py"
    result = run(python_of(version), "-I", check, repository)
    assert result.stdout.endswith("no errors, 3 notes\n")
    assert result.stderr == ""


def test_versions_are_those_of_pep_440():
    parts = ["1", "1.0", "v1", "1!2.3", "1a1", "1.0-beta2", "1rc", "1.post1", "1-1", "1.dev0"]
    parts += ["1+local", "1.0+a.b-c", "1a1.post2.dev3+x", "1.0.0.0.1", "1_alpha_1"]
    parts += ["", "x", "1.", "1..0", "1.0-", "1+", "1 ", "latest", "1.0.x", "1a1b1", "1٣", "1.0+é"]
    for text in parts:
        try:
            Version(text)
            right = text == text.strip()
        except InvalidVersion:
            right = False
        assert bool(validate_layout.VERSION.fullmatch(text)) == right, text


def test_two_boards_with_a_device_each_for_two_overlays(template, tmp_path):
    """The rules hold for a repository with several overlays, checked without git."""
    repository = render(template, tmp_path / "x", overlays=["fir", "fft"])
    remove("x/notebooks/edge/fft.hwh.link")(repository)
    errors, _ = found(validate(repository))
    assert [line.split(":")[0] for line in errors] == [
        "L6 x/notebooks/edge/fft.bit.link",
        "L7 x/notebooks/edge/fft.hwh.link",
    ]
    commit_all(repository)
    assert len(found(validate(repository))[0]) == 2
