"""What a release may not take back, how one is made, and the oldest Copier that will do."""

import shutil
import sys
from pathlib import Path

import pytest
import yaml
from helpers.render import TEMPLATE, commit_all, git, run
from helpers.update import SHAPES, add_line, is_shallow, made, plain, released, update

ACCEPTED = yaml.safe_load((TEMPLATE / "tests/accepted_answers.yml").read_text())
RELEASE = TEMPLATE / ".ci/release"


@pytest.fixture(params=released())
def then(request):
    """Give what a file of the template was in a released version, as parsed YAML."""
    if is_shallow():
        pytest.skip("this clone is shallow and lacks the releases: git fetch --unshallow")

    def read(name):
        text = git(TEMPLATE, "show", f"{released()[request.param]}:{name}")
        return yaml.load(text, Loader=Loader)

    return read


class Loader(yaml.SafeLoader):
    """Reads copier.yml, whose !include counts as its path here."""


Loader.add_constructor("!include", lambda loader, node: loader.construct_scalar(node))


def test_no_question_or_choice_is_taken_back(then):
    before, now = then("copier.yml"), yaml.load((TEMPLATE / "copier.yml").read_text(), Loader)
    for name, question in before.items():
        if name[0] == "_" or question.get("when") is False:
            continue
        assert name in now and now[name].get("when") is not False, name
        assert now[name]["type"] == question["type"], name
        assert now[name].get("multiselect") == question.get("multiselect"), name
        choices = question.get("choices", {})
        if isinstance(choices, dict):
            assert set(choices.values()) <= set(now[name].get("choices", {}).values()), name
    # A later one may ask for a newer Copier, and docs/release.md says what that takes.
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(now)


def test_no_board_is_taken_back(then):
    now = {board["name"]: board for board in yaml.safe_load((TEMPLATE / "boards.yml").read_text())}
    for board in then("boards.yml"):
        assert board["name"] in now
        later = now[board["name"]]
        for fact in ("platform", "family"):
            assert later[fact] == board[fact], board["name"]
        assert set(board["devices"]) <= set(later["devices"]), board["name"]


def test_accepted_answers_are_added_only(then):
    before = then("tests/accepted_answers.yml")
    assert ACCEPTED[: len(before)] == before


@pytest.mark.parametrize("answers", ACCEPTED, ids=lambda answers: answers["module_name"])
def test_what_was_accepted_is_accepted(releases, tmp_path, answers, old):
    """As answers of a new repository, and as those stored in one of any version."""
    repository = made(releases, tmp_path / "x", old, **answers)
    update(repository)
    stored = yaml.safe_load((repository / ".copier-answers.yml").read_text())
    assert {name: stored[name] for name in answers} == answers
    assert {name for name in stored if name[0] != "_"} == set(answers)  # each question has one


def test_an_order_of_answers_is_no_other_answer(releases, tmp_path):
    """A later catalogue may have its boards in another order."""
    repository = made(releases, tmp_path / "x", boards=["Pynq-Z2", "KV260", "U50"])
    answers = repository / ".copier-answers.yml"
    text = answers.read_text()
    assert "- Pynq-Z2\n- KV260\n- U50\n" in text
    answers.write_text(text.replace("- Pynq-Z2\n- KV260\n- U50\n", "- U50\n- KV260\n- Pynq-Z2\n"))
    commit_all(repository)
    update(repository)


def release_in(repository, *options):
    """Run .ci/release in a copy of the template's repository."""
    return run(sys.executable, repository / ".ci/release", *options, check=False)


def test_the_releases_are_in_order():
    if is_shallow():
        pytest.skip("this clone is shallow and lacks the releases: git fetch --unshallow")
    result = release_in(TEMPLATE, "--check")
    assert result.returncode == 0, result.stderr


@pytest.fixture
def small(tmp_path):
    """A repository with two releases, in which .ci/release finds nothing wrong."""
    repository = tmp_path / "small"
    for folder in (".ci", "tests"):
        (repository / folder).mkdir(parents=True)
    shutil.copy(RELEASE, repository / ".ci/release")
    (repository / "tests/releases.yml").write_text("# none\n")
    text = ""
    for version in ("1.0.0", "1.1.0"):
        text = f"## {version} - 2027-01-31\n\nOwners: nothing to do.\n\n- News.\n\n{text}"
        (repository / "CHANGELOG.md").write_text(f"# Changelog\n\n{text}")
        commit_all(repository, f"Release {version}")
        with open(repository / "tests/releases.yml", "a") as file:
            file.write(f"{version}: {git(repository, 'rev-parse', 'HEAD')}")
    commit_all(repository, "Name the commit")
    assert release_in(repository, "--check").stderr == ""
    return repository


def edit(name, old, new):
    def change(repository):
        text = (repository / name).read_text()
        assert old in text
        (repository / name).write_text(text.replace(old, new, 1))

    return change


def shallow(repository):
    place = repository.rename(repository.parent / "deep")
    git(place.parent, "clone", "-q", "--depth", "1", f"file://{place}", str(repository))


@pytest.mark.parametrize(
    "change, sentence",
    [
        (edit("tests/releases.yml", "1.1.0:", "1.0.1a:"), "1.0.1a is not three numbers"),
        (edit("tests/releases.yml", "1.1.0:", "0.9.0:"), "from the oldest to the newest"),
        (edit("tests/releases.yml", "1.1.0: ", "1.1.0: 0"), "needs the 40 digits of its commit"),
        (
            lambda repository: edit("tests/releases.yml", *rotated(repository))(repository),
            "which is not in this history",
        ),
        (edit("CHANGELOG.md", "## 1.0.0", "## Before"), "add a section `## 1.0.0 - YYYY-MM-DD`"),
        (edit("CHANGELOG.md", "Owners:", "All:"), "1.1.0 needs a line `Owners: ...`"),
        (lambda repository: git(repository, "tag", "v1.0.0", "HEAD"), "Tag v1.0.0 is commit"),
        (shallow, "type `git fetch --unshallow`"),
        (
            edit(
                "CHANGELOG.md",
                "## 1.1.0",
                "## 1.2.0 - 2027-02-01\n\n## 1.1.1 - 2027-01-31\n\n## 1.1.0",
            ),
            "has a version 1.1.1 that tests/releases.yml lacks",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_release_that_is_wrong_is_refused(small, change, sentence):
    change(small)
    result = release_in(small)
    assert result.returncode == 1
    assert sentence in result.stderr, result.stderr
    assert git(small, "tag", "--list", "v1.1.0") == ""


def rotated(repository):
    """Return a commit and one that does not exist."""
    commit = git(repository, "rev-parse", "HEAD~1").strip()
    return commit, commit[1:] + commit[:1]


def test_a_release_that_was_changed_later_is_refused(small):
    first, second = yaml.safe_load((small / "tests/releases.yml").read_text()).values()
    edit("tests/releases.yml", first, second)(small)
    assert "its first version is not 1.0.0" in release_in(small).stderr


def test_missing_tags_are_made_once(small):
    result = release_in(small)
    assert result.returncode == 0
    assert "git push origin v1.1.0" in result.stdout
    for version, commit in yaml.safe_load((small / "tests/releases.yml").read_text()).items():
        assert git(small, "rev-parse", f"v{version}^{{commit}}").strip() == commit
    again = release_in(small)
    assert (again.returncode, again.stdout) == (0, "")


@pytest.fixture(scope="session")
def oldest_copier(request):
    """The command of the oldest Copier that the template allows, installed from PyPI once."""
    text = (TEMPLATE / "copier.yml").read_text()
    (version,) = [line.split('"')[1] for line in text.splitlines() if "_min_copier" in line]
    folder = Path(request.config.cache.mkdir("copier")) / version
    python = folder / "bin/python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run(sys.executable, "-m", "venv", folder)
        run(python, "-m", "pip", "install", "--quiet", f"copier=={version}", "setuptools")
        (folder / "ready").touch()
    assert version in run(python, "-m", "copier", "--version").stdout
    return (python, "-m", "copier")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_oldest_copier_does_the_same(releases, tmp_path, oldest_copier, shape):
    """A new repository, an update with an edit and a conflict, and what is refused."""
    answers = {"module_name": "vision", **SHAPES[shape]}
    with_newest = made(releases, tmp_path / "vision", **answers)
    repository = made(releases, tmp_path / "oldest/vision", copier=oldest_copier, **answers)
    assert plain(repository) == plain(with_newest)
    for one, copier in ((repository, oldest_copier), (with_newest, None)):
        for name in ("Makefile", "README.md", "boards/settings.mk"):
            add_line(one / name, "The owner's line.")
        commit_all(one)
        update(one, **({"copier": copier} if copier else {}))
    assert plain(repository) == plain(with_newest)
    assert git(repository, "ls-files", "--unmerged") == git(with_newest, "ls-files", "--unmerged")
    commit_all(repository)
    before = plain(repository)
    board = "boards=[ZCU104, U50]" if shape == "wide" else "boards=[ZCU104, U200]"
    if shape != "edge":
        result = update(repository, "-d", board, copier=oldest_copier, check=False)
        assert "still has files: `git rm -r boards/Pynq-Z" in result.stderr
        assert plain(repository) == before
