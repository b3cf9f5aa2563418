"""`copier update` on repositories to which something happened."""

import os
import re
import shutil
import subprocess

import pytest
from helpers.render import TEMPLATE, commit_all, files_of, git, run, validate
from helpers.update import JSON, add_line, made, plain, update
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def test_an_uncommitted_change_stops_it(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    add_line(repository / "README.md", "not committed")
    before = plain(repository)
    result = update(repository, check=False)
    assert result.returncode
    assert "commit" in result.stderr
    assert plain(repository) == before


def test_without_its_answers_it_stops(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    git(repository, "rm", "-q", ".copier-answers.yml")
    git(repository, "commit", "-qm", "Lost")
    result = update(repository, check=False)
    assert result.returncode
    assert git(repository, "status", "--porcelain") == ""


def test_a_moved_template_is_found_again(releases, tmp_path):
    """The documented way: the new place goes into the answers file, by hand, and is committed."""
    place = shutil.copytree(releases, tmp_path / "moved")
    repository = made(place, tmp_path / "vision", module_name="vision")
    place.rename(tmp_path / "elsewhere")
    before = plain(repository)
    assert update(repository, check=False).returncode
    assert plain(repository) == before
    answers = repository / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(place), str(tmp_path / "elsewhere")))
    commit_all(repository)
    update(repository)
    assert "A fix of the next release." in (repository / "Makefile").read_text()


def test_a_conflict_is_marked_found_and_undone(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    add_line(repository / "Makefile", "The owner's line.")
    commit_all(repository)
    before = plain(repository)
    update(repository)
    text = (repository / "Makefile").read_text()
    assert "# The owner's line.\n" in text and "# A fix of the next release.\n" in text
    assert "G2 Makefile: line" in validate(repository).stdout
    undo = re.search(r"^git reset .*$", (TEMPLATE / "docs/update.md").read_text(), re.MULTILINE)[0]
    subprocess.run(undo, shell=True, cwd=repository, check=True)
    assert plain(repository) == before


@pytest.mark.parametrize("name", ["Makefile", "tools/validate_layout.py"])
def test_a_conflict_in_the_check_itself_stops_it(releases, tmp_path, name):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    add_line(repository / name, "The owner's line.")
    commit_all(repository)
    update(repository)
    lines = (repository / name).read_text().splitlines()
    result = run("make", "check", cwd=repository, check=False)
    place = lines.index("<<<<<<< before updating") + 1
    assert result.returncode
    assert re.search(rf"{name}(:|\", line ){place}\b", result.stderr), result.stderr


def test_rejected_parts_are_named(releases, tmp_path):
    """With --conflict rej, the owner's part lies beside the file."""
    repository = made(releases, tmp_path / "vision", module_name="vision")
    for name in ("setup.py", "boards/common/build.mk"):
        add_line(repository / name, "The owner's line.")
    commit_all(repository)
    result = update(repository, "--conflict=rej")
    assert "Conflicts are left, in boards/common/build.mk.rej, setup.py.rej." in result.stderr
    assert "The owner's line." in (repository / "setup.py.rej").read_text()
    found = run("make", "check", cwd=repository, check=False)
    assert "G2 setup.py.rej" in found.stdout and "G2 boards/common/build.mk.rej" in found.stdout
    commit_all(repository)
    for name in ("setup.py.rej", "boards/common/build.mk.rej"):
        (repository / name).unlink()
    commit_all(repository)
    add_line(repository / "README.md", "More.")
    commit_all(repository)
    result = update(repository, "--conflict=rej", "-d", "description=Other")
    assert "No conflicts are left." in result.stderr


def test_a_conflict_in_a_link_file_is_the_owners(releases, tmp_path):
    """Left by a merge of theirs: an update does not touch it, the check names it."""
    repository = made(releases, tmp_path / "vision", module_name="vision")
    name = "vision/notebooks/edge/vision.bit.link"
    lines = (repository / name).read_text().splitlines(keepends=True)
    text = "".join(
        ["{\n", "<<<<<<< ours\n", *lines[1:5], "=======\n", *lines[1:5], ">>>>>>> theirs\n"]
    )
    (repository / name).write_text(text + "".join(lines[5:]))
    commit_all(repository)
    before = (repository / name).read_bytes()
    update(repository)
    assert (repository / name).read_bytes() == before
    assert f"G2 {name}: line 2 begins a conflict" in validate(repository).stdout


def test_crlf_in_the_work_tree(releases, tmp_path):
    """A clone on Windows: git says LF for every file of ours, the owner's editor says otherwise."""
    repository = made(releases, tmp_path / "vision", module_name="vision")
    for name in ("README.md", "boards/ip/vision/vadd.cpp"):
        path = repository / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    git(repository, "add", "-A")
    before = {name: (repository / name).read_bytes() for name in files_of(repository)}
    update(repository)
    for name in ("README.md", "boards/ip/vision/vadd.cpp"):
        assert (repository / name).read_bytes() == before[name]


LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1
)


@settings(
    max_examples=int(os.environ.get("UPDATE_EXAMPLES", "4")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_no_sequence_of_edits_and_updates_loses_a_line(releases, tmp_path_factory, data):
    """Lines go into random places of random files, between updates back and forth of answers."""
    repository = made(releases, tmp_path_factory.mktemp("random") / "vision", module_name="vision")
    written = {}  # the owner's lines by file
    for step in range(data.draw(st.integers(1, 3), label="steps")):
        names = sorted(name for name in plain(repository) if not name.endswith(JSON))
        names = [name for name in names if name != ".copier-answers.yml"]
        for name in data.draw(st.lists(st.sampled_from(names), max_size=6, unique=True)):
            path = repository / name
            lines = path.read_text().splitlines(keepends=True)
            place = data.draw(st.integers(0, len(lines)), label=name)
            line = f"# mine {step} {name} {data.draw(LINES)}\n"
            path.write_text("".join([*lines[:place], line, *lines[place:]]))
            written.setdefault(name, []).append(line)
        git(repository, "add", "-A", "-f")
        git(repository, "commit", "-q", "--allow-empty", "-m", "Mine")
        change = data.draw(
            st.sampled_from(
                [
                    "description=Something else",
                    "boards=[Pynq-Z2, ZCU104, KV260, U200]",
                    "overlays=[vision, more]",
                ]
            )
        )
        version = data.draw(st.sampled_from([":current:", "v9.0.0"]))
        update(repository, f"--vcs-ref={version}", "-d", change, check=False)
        for name, lines in written.items():
            text = (repository / name).read_text()
            for line in lines:
                assert line in text, (name, line)
        git(repository, "add", "-A", "-f")
        git(repository, "commit", "-q", "--allow-empty", "-m", "Updated")
