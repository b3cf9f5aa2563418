"""`copier copy` and `copier update` as a stranger types them: no trust, no options, odd folders."""

import re
import shutil
import sys

import pytest
import yaml
from helpers.hardware import Workshop
from helpers.render import (
    CUSTOM_BOARDS,
    HOSTILE,
    TEMPLATE,
    commit_all,
    contents_of,
    files_of,
    git,
    render,
    run,
    validate,
)

COPIER = [sys.executable, "-m", "copier"]
FORM = (TEMPLATE / "copier.yml").read_text()


@pytest.mark.parametrize(
    "folder",
    [
        "my-overlay",
        "with spaces",
        "br[a]ck*et?s",
        "Größe-日本",
        "quote'd",
        "a.b",
        "-dash",
        "{{ x }}",
    ],
)
def test_bare_copy_says_that_all_files_are_there(template, tmp_path, folder):
    destination = tmp_path / folder
    result = run(*COPIER, "copy", "--defaults", template, destination)
    count = len(files_of(destination))
    assert f"all {count} files that your answers call for are there." in result.stderr
    assert validate(destination).returncode == 0


def test_copy_into_the_current_folder(template, tmp_path):
    (tmp_path / "here").mkdir()
    result = run(*COPIER, "copy", "--defaults", template, ".", cwd=tmp_path / "here")
    assert (tmp_path / "here/here/__init__.py").exists()
    assert next_commands(result.stderr)[0].startswith("git init")


def test_copy_over_itself_changes_nothing(template, tmp_path):
    repository = tmp_path / "my-overlay"
    for _ in range(2):
        run(*COPIER, "copy", "--defaults", "--overwrite", template, repository)
        commit_all(repository) if not (repository / ".git").exists() else None
    run(*COPIER, "recopy", "--defaults", "--overwrite", cwd=repository)
    assert git(repository, "status", "--short") == ""


def test_the_oldest_copier_that_is_supported(template, tmp_path):
    """It gets the same repository as with the newest."""
    (oldest,) = re.findall(r'^_min_copier_version: "(.*)"$', FORM, re.MULTILINE)
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv/bin/pip", "install", "--quiet", f"copier=={oldest}")
    copier = tmp_path / "venv/bin/copier"
    run(copier, "copy", "--defaults", template, tmp_path / "old/m")
    run(*COPIER, "copy", "--defaults", template, tmp_path / "new/m")
    assert contents_of(tmp_path / "old/m") == contents_of(tmp_path / "new/m")
    commit_all(tmp_path / "old/m")
    run(copier, "update", "--defaults", cwd=tmp_path / "old/m")


def next_commands(message):
    """Return the commands that the message tells to type, without their explanations."""
    lines = message.partition("\nNext:\n")[2].partition("\n\n")[0].splitlines()
    return [line.strip().partition("    ")[0] for line in lines]


@pytest.mark.parametrize("folder", ["my-overlay", "it's [odd] $x"])
def test_next_commands_work_as_they_are_printed(template, tmp_path, folder):
    result = run(*COPIER, "copy", "--defaults", template, tmp_path / folder)
    commands = next_commands(result.stderr)
    assert [command.split()[0] for command in commands] == ["cd", "git"] + ["make"] * 4
    if shutil.which("tclsh") is None:  # which the stand-ins for the vendor's tools need
        commands.remove("make -C boards")
    environment = Workshop(tmp_path / "workshop").environment()
    run("bash", "-ec", "\n".join(commands), **environment)
    assert git(tmp_path / folder, "status", "--short") == ""


@pytest.mark.parametrize(
    "name",
    [
        "setup.py",
        "my_overlay/notebooks/edge/my_overlay.hwh.link",
        "boards/U200/my_overlay/Makefile",
    ],
)
def test_a_missing_file_is_named_and_fails_the_copy(template, tmp_path, name):
    result = run(
        *COPIER, "copy", "--defaults", "-x", name, template, tmp_path / "my-overlay", check=False
    )
    assert result.returncode != 0
    assert (
        result.stderr.strip()
        .splitlines()[-1]
        .endswith(
            f"my-overlay is incomplete, these files are missing: {name}."
            " Generate it again into an empty folder."
        )
    )


def test_the_hook_knows_every_file(template, tmp_path):
    """Leave out one file after the other, by name: the copy notices each."""
    answers = {"custom_boards": CUSTOM_BOARDS, "overlays": ["fir", "fft"], "module_name": "m"}
    names = files_of(render(template, tmp_path / "whole", **answers))
    data = tmp_path / "answers.yml"
    data.write_text(yaml.safe_dump(answers))
    everything = [part for name in names for part in ("-x", "/" + name)]
    command = [*COPIER, "copy", "--defaults", "--data-file", data, *everything]
    result = run(*command, template, tmp_path / "nothing", check=False)
    last = result.stderr.strip().splitlines()[-1]
    missing = last.partition("are missing: ")[2].partition(". Generate")[0].split(", ")
    assert sorted(missing) == names


@pytest.mark.parametrize("name", ["board", "overlay", "platform"])
def test_data_that_no_question_asks_for_is_pointed_out(template, tmp_path, name):
    command = [*COPIER, "copy", "--defaults", "-d", f"{name}=[x]"]
    result = run(*command, template, tmp_path / "my-overlay")
    assert f"Note: no question is called {name}," in result.stderr


@pytest.fixture
def newer_template(template, tmp_path):
    """The template with a fix in a file of each kind, tagged as the next release."""
    copy = tmp_path / "newer"
    run("git", "clone", "-q", template, copy)
    for name in ("template/Makefile", "template/setup.py.jinja", "hooks/validate_layout.py"):
        path = copy / name
        path.write_text(path.read_text() + "\n# A fix.\n")
    git(copy, "commit", "-qam", "Fix")
    git(copy, "tag", "v0.0.2")
    return copy


def test_bare_update_brings_a_fix_and_keeps_edits(newer_template, tmp_path):
    repository = tmp_path / "my-overlay"
    run(*COPIER, "copy", "--defaults", "--vcs-ref", "v0.0.1", newer_template, repository)
    readme = repository / "README.md"
    readme.write_text("# Mine\n")
    commit_all(repository)
    result = run(*COPIER, "update", "--defaults", cwd=repository)
    assert readme.read_text() == "# Mine\n"
    for name in ("Makefile", "setup.py", "tools/validate_layout.py"):
        assert "# A fix." in (repository / name).read_text()
    assert "make check" in result.stderr
    assert run("make", "check", cwd=repository).returncode == 0


def test_update_of_an_untouched_repository_equals_a_fresh_one(newer_template, tmp_path):
    repository, fresh = tmp_path / "a/m", tmp_path / "b/m"
    answers = {"description": HOSTILE, "user_name": HOSTILE, "custom_boards": CUSTOM_BOARDS}
    data = tmp_path / "answers.yml"
    data.write_text(yaml.safe_dump(answers))
    options = ["--defaults", "--data-file", data, newer_template]
    run(*COPIER, "copy", "--vcs-ref", "v0.0.1", *options, repository)
    commit_all(repository)
    run(*COPIER, "update", "--defaults", cwd=repository)
    run(*COPIER, "copy", *options, fresh)
    shutil.rmtree(repository / ".git")
    assert contents_of(repository) == contents_of(fresh)


def test_update_advises_on_a_missing_file_and_never_fails(newer_template, tmp_path):
    repository = tmp_path / "my-overlay"
    run(*COPIER, "copy", "--defaults", "--vcs-ref", "v0.0.1", newer_template, repository)
    (repository / "CHANGELOG.md").unlink()
    commit_all(repository)
    result = run(*COPIER, "update", "--defaults", cwd=repository)
    assert "files of the template are not there: CHANGELOG.md." in result.stderr
    assert not (repository / "CHANGELOG.md").exists()


def test_update_adds_a_board_and_touches_nothing_else(template, tmp_path):
    repository = tmp_path / "my-overlay"
    run(*COPIER, "copy", "--defaults", template, repository)
    before = contents_of(repository)
    commit_all(repository)
    boards = "boards=[Pynq-Z2, ZCU104, KV260, U200]"
    run(*COPIER, "update", "--defaults", "--vcs-ref=:current:", "-d", boards, cwd=repository)
    shutil.rmtree(repository / ".git")
    after = contents_of(repository)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {
        ".copier-answers.yml",
        "boards/KV260/my_overlay/Makefile",
        "tools/layout.json",
    }
    assert "has no KV260, a device of KV260; type make links" in validate(repository).stdout
    run("make", "links", f"PYTHON={sys.executable}", cwd=repository)
    changed = {
        name for name, content in contents_of(repository).items() if content != after.get(name)
    }
    links = {f"my_overlay/notebooks/edge/my_overlay.{ending}.link" for ending in ("bit", "hwh")}
    assert {name for name in changed if "__pycache__" not in name} == links
    assert validate(repository).returncode == 0


def test_template_asks_for_no_trust():
    """Copier refuses these without --trust, and one release that has them binds for ever."""
    for key in ("_tasks", "_migrations", "_jinja_extensions"):
        assert f"\n{key}:" not in FORM
