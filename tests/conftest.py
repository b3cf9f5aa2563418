"""Fixtures: the template as strangers get it, rendered repositories, interpreters, real PYNQ."""

import http.server
import os
import shutil
import threading
from functools import partial
from pathlib import Path

import pytest
from helpers import interpreters, pynq
from helpers.render import TEMPLATE, git, render
from helpers.update import is_shallow, released, with_releases


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_developer(tmp_path_factory):
    """Keep the developer's own Copier settings, git identity and PYNQ variables out."""
    settings = tmp_path_factory.mktemp("settings") / "settings.yml"
    settings.write_text("{}\n")
    os.environ["COPIER_SETTINGS_PATH"] = str(settings)
    os.environ["GIT_CONFIG_GLOBAL"] = os.devnull
    for role in ("AUTHOR", "COMMITTER"):
        os.environ[f"GIT_{role}_NAME"] = "Test"
        os.environ[f"GIT_{role}_EMAIL"] = "test@example.com"
    for name in ("BOARD", "OVERLAY_PLATFORM", "PYNQ_JUPYTER_NOTEBOOKS", "XILINX_XRT"):
        os.environ.pop(name, None)


@pytest.fixture(autouse=True, scope="session")
def _one_thread_for_numpy():
    """Start none for each core with every PYNQ; each test process has its core busy already."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The template as it stands in the work tree, committed and tagged in a repository of its own."""
    copy = tmp_path_factory.mktemp("template") / "overlay-template"
    copy.mkdir()
    listed = git(TEMPLATE, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (TEMPLATE / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((TEMPLATE / name).read_bytes())
    git(copy, "init", "-q")
    git(copy, "add", "-A")
    git(copy, "commit", "-qm", "The template under test")
    git(copy, "tag", "v0.0.1")
    return copy


@pytest.fixture(scope="session")
def releases(template, tmp_path_factory):
    """The template with its released versions, as it stands (v8.0.0), and a next one (v9.0.0)."""
    return with_releases(template, tmp_path_factory.mktemp("releases") / "overlay-template")


@pytest.fixture(params=[*released(), "8.0.0"])
def old(request):
    """The tag of each released version, and v8.0.0, which is the template as it stands."""
    if request.param != "8.0.0" and is_shallow():
        pytest.skip("this clone is shallow and lacks the releases: git fetch --unshallow")
    return f"v{request.param}"


@pytest.fixture(scope="session")
def default_repository(template, tmp_path_factory):
    """The repository that the default answers give, for asserts that only read."""
    return render(template, tmp_path_factory.mktemp("default") / "my-overlay")


@pytest.fixture
def repository(default_repository, tmp_path):
    """The repository that the default answers give, for tests that change it."""
    return Path(shutil.copytree(default_repository, tmp_path / "my-overlay"))


@pytest.fixture(scope="session")
def python_of():
    """Give the path of CPython of a version such as "3.8"; skip and say so where there is none.

    In CI every version has to be there, and so every PYNQ release is run.
    """

    def find(version):
        path = interpreters.find(version)
        if path is None:
            missed = pytest.fail if os.environ.get("CI") else pytest.skip
            missed(f"no CPython {version} on PATH or in ~/.pyenv/versions")
        return path

    return find


@pytest.fixture(scope="session")
def pynq_in(request, python_of):
    """Give a virtual environment that holds a real PYNQ release, installed from PyPI once."""

    def make(release):
        python = python_of(pynq.PYTHON_OF[release])
        return pynq.environment(request.config.cache.mkdir("pynq"), release, python)

    return make


@pytest.fixture
def web(tmp_path):
    """A folder and the address under which loopback serves it; `requests` lists what was fetched."""

    class Web:
        folder = tmp_path / "web"
        requests = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, _format, *args):
            Web.requests.append(args[0])

    Web.folder.mkdir()
    handler = partial(Handler, directory=str(Web.folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Web.url = f"http://127.0.0.1:{server.server_port}"
    yield Web
    server.shutdown()
    thread.join()
    server.server_close()


def pytest_report_header():
    return [
        "CPython: "
        + ", ".join(
            f"{version} {'at ' + str(path) if path else 'not found'}"
            for version, path in interpreters.all_found().items()
        )
    ]
