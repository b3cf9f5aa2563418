"""`copier update`: fixes arrive, and nothing that the owner wrote is lost."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers.render import TEMPLATE, commit_all, files_of, git, render, validate
from helpers.update import JSON, SHAPES, add_line, is_owners, made, plain, update


@pytest.mark.parametrize("to", ["v8.0.0", "v9.0.0"])
@pytest.mark.parametrize("shape", SHAPES)
def test_untouched_repository_equals_a_fresh_one(releases, tmp_path, shape, old, to):
    """All but the owner's files, which stay as they were; and no file ever goes."""
    if old == to:
        return
    answers = {"module_name": "vision", **SHAPES[shape]}
    repository = made(releases, tmp_path / "vision", old, **answers)
    before = plain(repository)
    update(repository, f"--vcs-ref={to}")
    new = plain(made(releases, tmp_path / "fresh" / "vision", to, **answers))
    updated = plain(repository)
    assert set(before) <= set(updated)
    assert set(updated) == set(new)
    for name, content in updated.items():
        kept = name in before and is_owners(name, "vision")
        assert content == (before if kept else new)[name], name
    if git(repository, "status", "--porcelain"):
        commit_all(repository)
    update(repository, f"--vcs-ref={to}")
    assert plain(repository) == updated
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("shape", SHAPES)
def test_no_edit_is_lost(releases, tmp_path, shape, old):
    repository = made(releases, tmp_path / "vision", old, module_name="vision", **SHAPES[shape])
    edited = []
    for name in files_of(repository):
        others = (".gitattributes", ".gitignore", "tools/validate_layout.py")
        if name[:5] != ".git/" and name not in others:
            if add_line(repository / name, "The owner's line."):
                edited.append(name)
    for name in files_of(repository):
        if name.endswith(JSON) and is_owners(name, "vision"):
            path = repository / name
            path.write_text(path.read_text().replace("{", '{"owner": "x",', 1))
            edited.append(name)
    before = plain(repository)
    commit_all(repository)
    update(repository)
    for name in edited:
        content = (repository / name).read_bytes()
        if is_owners(name, "vision"):
            assert content == before[name], name
        else:
            assert b"The owner's line." in content, name
    if b"<<<<<<< " in b"".join(plain(repository).values()):
        assert "G2" in validate(repository).stdout


@pytest.mark.parametrize("folder", ["work", "a [b] * c"])
def test_what_the_owner_removed_stays_away(releases, tmp_path, folder, old):
    repository = made(releases, tmp_path / folder / "vision", old, module_name="vision")
    (repository / "boards/ip/vision/vadd.cpp").rename(repository / "boards/ip/vision/fir.cpp")
    for name in (
        "boards/ip/vision/vadd_test.cpp",
        "vision/notebooks/edge/vision.ipynb",
        "CHANGELOG.md",
        "boards/settings.mk",
        "tests/test_kernels.py",
    ):
        (repository / name).unlink()
    before = set(plain(repository))
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "Mine")
    update(repository)
    then = plain(made(releases, tmp_path / "then" / "vision", old))
    now = plain(made(releases, tmp_path / "now" / "vision"))
    assert set(plain(repository)) == before | (set(now) - set(then))


WORKFLOWS = [f".github/workflows/{name}.yml" for name in ("check", "release", "update")]
DROPS = {
    "a board": (
        {},
        "boards=[Pynq-Z2, U200]",
        "boards/ZCU104 still has files: `git rm -r boards/ZCU104`, commit, then drop ZCU104.",
        ["boards/ZCU104"],
    ),
    "a platform": (
        {},
        ["platforms=[edge]", "boards=[Pynq-Z2, ZCU104]"],
        "vision/notebooks/pcie still has files: `git rm -r vision/notebooks/pcie`, commit, then drop pcie.",
        None,
    ),
    "an overlay": (
        {"overlays": ["fir", "fft"]},
        "overlays=[fir]",
        "The overlay fft still has files: `git rm -r --ignore-unmatch 'boards/*/fft/*' "
        "'vision/notebooks/*/fft.*'`, commit, then drop fft.",
        ["boards/*/fft/*", "vision/notebooks/*/fft.*"],
    ),
    "a custom board": (
        {
            "custom_boards": [
                {
                    "name": "Mine",
                    "platform": "edge",
                    "family": "zynq",
                    "part": "xc7z010clg400-1",
                    "board_part": "acme.com:mine:part0:1.0",
                }
            ]
        },
        "custom_boards=[]",
        "boards/Mine still has files: `git rm -r boards/Mine`, commit, then drop Mine.",
        ["boards/Mine"],
    ),
    "the workflows": (
        {},
        "ci=none",
        f"{', '.join(WORKFLOWS)} would no longer be part of the repository: "
        f"`git rm {' '.join(WORKFLOWS)}`, commit, then type it again.",
        WORKFLOWS,
    ),
    "the last Versal": (
        {"boards": ["Pynq-Z2", "VCK190", "U200"]},
        "boards=[Pynq-Z2, U200]",
        "boards/VCK190 still has files: `git rm -r boards/VCK190`, commit, then drop VCK190.",
        None,
    ),
    "the package's name": (
        {},
        "module_name=sight",
        "vision still has files: `git mv vision sight`, commit, then change module_name.",
        None,
    ),
}


@pytest.mark.parametrize("what", DROPS)
def test_dropping_is_refused_until_the_files_are_gone(releases, tmp_path, what):
    answers, change, sentence, removal = DROPS[what]
    repository = made(releases, tmp_path / "vision", module_name="vision", **answers)
    edited = repository / "boards/Pynq-Z2" / answers.get("overlays", ["vision"])[-1] / "leds.xdc"
    edited.write_text("# mine\n")
    commit_all(repository)
    before = plain(repository)
    changes = [change] if isinstance(change, str) else change
    options = [part for change in changes for part in ("-d", change)]
    result = update(repository, *options, check=False)
    assert result.returncode
    assert sentence in result.stderr.splitlines()[-1], result.stderr
    assert plain(repository) == before
    for _ in range(8):  # the advice may come in several sentences
        command = re.search(r"`(git [^`]+)`", result.stderr.splitlines()[-1])[1]
        subprocess.run(command, shell=True, cwd=repository, check=True, stdout=subprocess.DEVNULL)
        git(repository, "commit", "-qm", "As advised")
        kept = plain(repository)
        result = update(repository, *options, check=False)
        if result.returncode == 0:
            break
    assert result.returncode == 0, result.stderr
    after = plain(repository)
    if what != "the package's name":
        assert set(after) == set(kept)
    if removal:
        touched = {name for name in after if after[name] != kept[name]}
        assert {name for name in touched if is_owners(name, "vision")} == set()


def test_answers_edited_by_hand_drop_nothing(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    answers = repository / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("- ZCU104\n", ""))
    makefile = repository / "boards/ZCU104/vision/Makefile"
    makefile.write_text("# all mine\n")
    commit_all(repository)
    update(repository)
    assert makefile.read_text() == "# all mine\n"


def test_an_answer_that_goes_no_longer_is_named(releases, tmp_path):
    """Copier by itself takes the default in its place and says nothing."""
    stricter = Path(shutil.copytree(releases, tmp_path / "stricter"))
    text = (stricter / "copier.yml").read_text()
    assert "    MIT          - the shortest: MIT\n" in text
    text = text.replace("    MIT          - the shortest: MIT\n", "")
    text = text.replace("{{ text_rule(user_name) }}", "{{ 'Too short.' if user_name == 'Ada' }}")
    (stricter / "copier.yml").write_text(text)
    commit_all(stricter)
    git(stricter, "tag", "v9.1.0")
    repository = made(
        stricter, tmp_path / "vision", module_name="vision", license="MIT", user_name="Ada"
    )
    before = plain(repository)
    result = update(repository, check=False)
    assert result.returncode
    last = result.stderr.splitlines()[-1]
    assert 'license: "MIT", the answer until now' in last and "`-d license=...`" in last
    assert 'user_name: "Ada", the answer until now' in last
    assert plain(repository) == before
    update(repository, "-d", "license=Apache-2.0", "-d", "user_name=Ada Lovelace")
    assert "Apache License" in (repository / "LICENSE").read_text()


def test_boards_of_a_platform_that_goes_are_asked_for(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    git(repository, "rm", "-qr", "vision/notebooks/pcie", "boards/U200", "boards/common/vitis.mk")
    git(repository, "rm", "-q", "boards/ip/vision/link.cfg")
    git(repository, "commit", "-qm", "No cards")
    result = update(repository, "-d", "platforms=[edge]", check=False)
    assert 'boards: ["Pynq-Z2", "ZCU104", "U200"]' in result.stderr.splitlines()[-1]
    assert git(repository, "status", "--porcelain") == ""
    update(repository, "-d", "platforms=[edge]", "-d", "boards=[Pynq-Z2, ZCU104]")


@pytest.mark.parametrize(
    "answers, change, expected",
    [
        (
            {},
            "overlays=[vision, extra]",
            {
                *[f"boards/ip/extra/{name}" for name in ("vadd.cpp", "vadd_test.cpp", "link.cfg")],
                *[f"boards/{board}/extra/Makefile" for board in ("Pynq-Z2", "ZCU104", "U200")],
                *[
                    f"vision/notebooks/edge/extra.{end}"
                    for end in ("ipynb", "bit.link", "hwh.link")
                ],
                *[f"vision/notebooks/pcie/extra.{end}" for end in ("ipynb", "xclbin.link")],
            },
        ),
        (
            {"boards": ["Pynq-Z2", "U200"]},
            "boards=[Pynq-Z2, VCK190, U200]",
            {
                "boards/VCK190/vision/Makefile",
                "boards/common/versal.tcl",
                "vision/notebooks/edge/vision.pdi.link",
            },
        ),
        (
            {"platforms": ["edge"], "boards": ["Pynq-Z2"]},
            "platforms=[edge, pcie]",
            {
                "boards/U50/vision/Makefile",
                "boards/common/vitis.mk",
                "boards/ip/vision/link.cfg",
                *[
                    f"vision/notebooks/pcie/{x}"
                    for x in ("__init__.py", "vision.ipynb", "vision.xclbin.link")
                ],
            },
        ),
    ],
    ids=["overlay", "Versal", "platform"],
)
def test_adding_brings_exactly_its_files(releases, tmp_path, answers, change, expected):
    repository = made(releases, tmp_path / "vision", module_name="vision", **answers)
    before = plain(repository)
    more = ["-d", "boards=[Pynq-Z2, U50]"] if "platforms" in change else []
    update(repository, "--vcs-ref=:current:", "-d", change, *more)
    after = plain(repository)
    assert set(after) - set(before) == expected
    assert set(before) - set(after) == set()
    changed = {name for name in before if before[name] != after[name]}
    assert {name for name in changed if is_owners(name, "vision")} == set()


def test_every_file_is_in_one_class(template, tmp_path):
    """And says in its head that it is the template's, if its format has comments."""
    for shape, answers in SHAPES.items():
        repository = render(template, tmp_path / shape, module_name="vision", **answers)
        text = (TEMPLATE / "docs/update.md").read_text()
        ours = text.partition("## The template's files")[2].partition("\n## ")[0]
        patterns = re.findall(r"^- `([^`]+)`", ours, re.MULTILINE)
        patterns = [pattern.replace("<module>", "vision") for pattern in patterns]
        for name in files_of(repository):
            is_ours = any(Path("/" + name).match("/" + pattern) for pattern in patterns)
            assert is_ours != is_owners(name, "vision"), name
            if is_ours and name != "LICENSE":
                head = (repository / name).read_text()[:700]
                assert "copier update" in head.lower(), name
