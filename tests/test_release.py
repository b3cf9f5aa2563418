"""`make release-check` lets out what is ready, and says of the rest what is missing."""

import shutil
import sys

import pytest
from helpers.package import names_in
from helpers.render import commit_all, git, render, run
from helpers.server import Server
from test_links import U50, bit, hwh, upload, xclbin


@pytest.fixture(scope="module")
def web():
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def ready(template, web, tmp_path_factory):
    """A repository of both platforms whose version 0.1.0 is uploaded and tagged."""
    return published(template, web, tmp_path_factory.mktemp("ready") / "vision", ["edge", "pcie"])


def published(template, web, folder, platforms):
    boards = [{"edge": "Pynq-Z2", "pcie": "U50"}[platform] for platform in platforms]
    url = web.url + "/v{version}"
    repository = render(template, folder, boards=boards, platforms=platforms, artifact_url=url)
    results = {"bit": bit("7z020clg400"), "hwh": hwh("resizer")}
    if "edge" in platforms:
        for ending, content in results.items():
            (repository / f"boards/Pynq-Z2/vision/vision.{ending}").write_bytes(content)
    if "pcie" in platforms:
        (repository / "boards/U50/vision/vision.xclbin").write_bytes(xclbin(U50))
    run("make", "links", f"PYTHON={sys.executable}", cwd=repository)
    upload(repository, web)
    commit_all(repository)
    git(repository, "tag", "v0.1.0")
    return repository


@pytest.fixture
def repository(ready, tmp_path):
    return shutil.copytree(ready, tmp_path / "vision")


def check(repository, *arguments):
    """Run the release check; return its status and its lines."""
    python = f"PYTHON={sys.executable}"
    result = run("make", "release-check", python, *arguments, cwd=repository, check=False)
    assert "Traceback" not in result.stderr, result.stderr
    return result.returncode, result.stdout.splitlines()


def test_a_ready_release_is_built(repository):
    status, lines = check(repository, "TAG=v0.1.0")
    assert status == 0, lines
    assert lines[-1] == "0.1.0 is ready: dist/vision-0.1.0.tar.gz"
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("platform", ["edge", "pcie"])
def test_one_platform_has_a_wheel_as_well(template, web, tmp_path, platform):
    repository = published(template, web, tmp_path / "vision", [platform])
    status, lines = check(repository)
    assert status == 0, lines
    wheel = repository / "dist/vision-0.1.0-py3-none-any.whl"
    assert lines[-1] == f"0.1.0 is ready: dist/{wheel.name}, dist/vision-0.1.0.tar.gz"
    assert f"vision/notebooks/{platform}/vision.ipynb" in names_in(wheel)


def test_twine_is_fetched_where_it_is_missing(python_of, repository):
    python = f"PYTHON={python_of('3.10')}"
    result = run("make", "release-check", python, cwd=repository, check=False)
    assert (repository / "build/twine/twine").is_dir()
    assert "0.1.0 is ready" in result.stdout, result.stdout + result.stderr


def replace(name, old, new):
    def change(repository):
        path = repository / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return change


def stray(name):
    def change(repository):
        (repository / name).write_text("x")

    return change


def in_git(change):
    def changed(repository):
        change(repository)
        git(repository, "add", "--force", "--all")
        git(repository, "commit", "-qm", "Change")
        git(repository, "tag", "--force", "v0.1.0")

    return changed


LINK = "vision/notebooks/edge/vision.bit.link"


@pytest.mark.parametrize(
    "change, options, expected",
    [
        (
            in_git(replace(LINK, '"md5sum": "', '"md5sum": null, "x": "')),
            [],
            "L5 vision/notebooks/edge/vision.bit.link: no file yet for Pynq-Z2",
        ),
        (in_git(replace(LINK, "vision-Pynq", "gone-Pynq")), [], "404 Not Found"),
        (
            in_git(replace("CHANGELOG.md", "0.1.0", "0.0.9")),
            [],
            "CHANGELOG.md begins with 0.0.9 and the package is 0.1.0; make them agree",
        ),
        (
            lambda repository: None,
            ["TAG=v0.2.0"],
            "the tag is v0.2.0 and the package is 0.1.0; tag it v0.1.0 or change __version__",
        ),
        (
            lambda repository: git(repository, "commit", "--allow-empty", "-qm", "More"),
            [],
            "v0.1.0 is the tag of another commit; raise __version__",
        ),
        (
            lambda repository: (
                git(repository, "tag", "v0.3.0") + git(repository, "tag", "-d", "v0.1.0")
            ),
            [],
            "this commit has the tag v0.3.0 and the package is 0.1.0; make them agree",
        ),
        (
            stray("README.md"),
            ["TAG=v0.1.0"],
            "some changes are not committed; a release is made of what git has",
        ),
        (
            stray("vision/notebooks/edge/password.txt"),
            [],
            "vision-0.1.0.tar.gz holds vision/notebooks/edge/password.txt, which is not in git; "
            "add it or remove it",
        ),
        (
            in_git(
                lambda repository: (
                    stray("vision/notebooks/edge/x.bit")(repository),
                    replace("MANIFEST.in", "global-exclude *.bit", "global-exclude *.bat")(
                        repository
                    ),
                )
            ),
            [],
            "vision-0.1.0.tar.gz holds the bitstream vision/notebooks/edge/x.bit; "
            "a link file takes its place",
        ),
        (
            in_git(replace("MANIFEST.in", "prune tests", "graft tests")),
            [],
            "vision-0.1.0.tar.gz holds tests/test_kernels.py, which no user needs; see MANIFEST.in "
            "and setup.py",
        ),
        (
            in_git(
                lambda repository: (repository / "MANIFEST.in").write_text(
                    "graft vision\nglobal-exclude *.ipynb\n"
                )
            ),
            [],
            "vision-0.1.0.tar.gz lacks vision/notebooks/edge/vision.ipynb; see MANIFEST.in and setup.py",
        ),
        (
            in_git(replace("setup.py", '"text/markdown"', '"text/x-rst"')),
            [],
            "has syntax errors in markup",
        ),
        (in_git(replace("setup.py", "setup(\n", "setup(]\n")), [], "sdist failed"),
    ],
)
def test_what_is_not_ready_is_told(repository, change, options, expected):
    change(repository)
    status, lines = check(repository, *options)
    assert status
    assert lines[-1].startswith("Not ready, see ")
    assert any(expected in line for line in lines), "\n".join(lines)


def test_before_the_tag_it_says_what_comes_next(repository):
    git(repository, "tag", "-d", "v0.1.0")
    status, lines = check(repository)
    assert status == 0
    assert "note: there is no tag yet; the next step is git tag v0.1.0" in lines
