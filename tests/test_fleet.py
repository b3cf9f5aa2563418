"""Updates of many repositories: a branch in each, by hand, or in the scheduled workflow."""

import os
import sys
from pathlib import Path

import pytest
import yaml
from helpers.docs import command
from helpers.render import git, run
from helpers.update import add_line, made, plain

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # `copier` is found there


def branch_of(repository, **environment):
    """Run the script that the workflows run; return the finished process."""
    script = ("sh", "tools/update_branch.sh")
    return run(*script, cwd=repository, check=False, PATH=PATH, **environment)


def with_origin(repository):
    """Give a repository a bare one as its origin, as a clone in CI has; return the bare one."""
    bare = repository.parent / "origin.git"
    git(repository, "clone", "-q", "--bare", ".", str(bare))
    git(repository, "remote", "add", "origin", str(bare))
    return bare


def test_the_update_is_a_branch_and_touches_nothing_else(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    add_line(repository / "README.md", "not committed")
    (repository / "new.txt").write_text("neither\n")
    before, head = plain(repository), git(repository, "rev-parse", "HEAD")
    result = branch_of(repository)
    assert result.stdout == "template-v9.0.0\n", result.stderr
    assert plain(repository) == before
    assert git(repository, "rev-parse", "HEAD") == head
    assert git(repository, "worktree", "list").count("\n") == 1
    assert "A fix of the next release." in git(repository, "show", "template-v9.0.0:Makefile")
    message = git(repository, "log", "-1", "--format=%B", "template-v9.0.0")
    assert message.startswith("Update to v9.0.0 of the overlay template\n")
    assert "There are no conflicts." in message


def test_conflicts_are_named_in_the_message(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    add_line(repository / "Makefile", "mine")
    git(repository, "commit", "-qam", "Mine")
    assert branch_of(repository).stdout == "template-v9.0.0\n"
    title, *rest = git(repository, "log", "-1", "--format=%B", "template-v9.0.0").splitlines()
    assert title == "Update to v9.0.0 of the overlay template, with conflicts"
    assert "- Makefile" in rest
    assert "# mine\n" in git(repository, "show", "template-v9.0.0:Makefile")


@pytest.mark.parametrize("place", ["here", "at the origin"])
def test_a_branch_that_is_there_is_left_alone(releases, tmp_path, place):
    """Somebody may have settled conflicts on it."""
    repository = made(releases, tmp_path / "vision", module_name="vision")
    bare = with_origin(repository)
    branch_of(repository)
    if place == "at the origin":
        git(repository, "push", "-q", "origin", "template-v9.0.0")
        git(repository, "branch", "-qD", "template-v9.0.0")
    refs = git(repository, "show-ref"), git(bare, "show-ref")
    result = branch_of(repository)
    assert result.returncode == 0 and result.stdout == ""
    assert "There is a branch template-v9.0.0 already" in result.stderr
    assert (git(repository, "show-ref"), git(bare, "show-ref")) == refs


def test_nothing_new_is_no_branch(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", "v9.0.0", module_name="vision")
    result = branch_of(repository)
    assert result.returncode == 0 and result.stdout == ""
    assert "Nothing new in the template: this is v9.0.0." in result.stderr
    assert git(repository, "branch", "--format=%(refname:short)").count("\n") == 1


def test_an_update_that_fails_leaves_nothing(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    answers = repository / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace(str(releases), str(tmp_path / "gone")))
    git(repository, "commit", "-qam", "Moved")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    result = branch_of(repository, TMPDIR=str(temporary))
    assert result.returncode and result.stdout == ""
    assert not list(temporary.glob("tmp.*"))
    assert git(repository, "worktree", "list").count("\n") == 1


def test_what_the_workflow_runs_in_a_shallow_clone(releases, tmp_path):
    """All of its script but `gh`, which talks to GitHub only: what is pushed, from where."""
    repository = made(releases, tmp_path / "vision", module_name="vision")
    git(repository, "commit", "-q", "--allow-empty", "-m", "More history")
    bare = with_origin(repository)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{bare}", str(clone))
    workflow = yaml.safe_load((clone / ".github/workflows/update.yml").read_text())
    script = workflow["jobs"]["update"]["steps"][-1]["run"]
    lines = [line for line in script.splitlines() if not line.lstrip().startswith("gh ")]
    assert len(lines) == len(script.splitlines()) - 2
    run("bash", "-eo", "pipefail", "-c", "\n".join(lines), cwd=clone, PATH=PATH)
    text = git(bare, "show", "template-v9.0.0:Makefile")
    assert "A fix of the next release." in text


def test_what_the_pipeline_runs(releases, tmp_path):
    answers = {"module_name": "vision", "ci": "gitlab"}
    repository = made(releases, tmp_path / "vision", **answers)
    bare = with_origin(repository)
    git(bare, "config", "receive.advertisePushOptions", "true")
    pipeline = yaml.safe_load((repository / ".gitlab-ci.yml").read_text())
    script = pipeline["template-update"]["script"]
    assert "copier" in script[0]  # pip install; the tests have it
    where = {"CI_DEFAULT_BRANCH": "main", "REMOTE": str(bare), "PATH": PATH}
    run("bash", "-eo", "pipefail", "-c", "\n".join(script[1:]), cwd=repository, **where)
    assert "A fix of the next release." in git(bare, "show", "template-v9.0.0:Makefile")


def test_a_folder_full_of_repositories(releases, tmp_path):
    """The documented command: one that cannot be updated holds up no other."""
    folder = tmp_path / "all of them"
    for name in ("first", "second", "third"):
        made(releases, folder / name, module_name=name)
    git(folder / "second", "rm", "-q", ".copier-answers.yml")
    git(folder / "second", "commit", "-qm", "Lost")
    loop = command("update.md", "for script in ")
    result = run("sh", "-c", loop, cwd=folder, PATH=PATH)
    assert result.stdout.splitlines() == [
        "template-v9.0.0",
        "not updated: second/tools/update_branch.sh",
        "template-v9.0.0",
    ]


def test_a_preview_in_a_work_tree(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    before = plain(repository)
    preview = command("update.md", "git worktree add")
    result = run("sh", "-ec", preview, cwd=repository, PATH=PATH)
    assert "+# A fix of the next release." in result.stdout
    assert plain(repository) == before
    assert not (tmp_path / "preview").exists()
