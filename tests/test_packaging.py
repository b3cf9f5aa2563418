"""The package builds on any machine, and its sdist and wheel hold what they must and nothing else."""

import ast
import email
import platform
import sys

import pytest
from helpers import interpreters
from helpers.package import build_sdist, build_wheel, names_in, package_files, read_from
from helpers.render import HOSTILE, files_of, render, run

PAPERS = {"LICENSE", "README.md", "CHANGELOG.md", "MANIFEST.in", "pyproject.toml", "setup.py"}


def clutter(repository):
    """Put into the work tree what a maintainer's disk has and no package may hold."""
    edge = repository / "my_overlay/notebooks/edge"
    for name in (
        edge / "my_overlay.bit",
        edge / "my_overlay.hwh",
        edge / ".ipynb_checkpoints/my_overlay-checkpoint.ipynb",
        repository / "my_overlay/notebooks/pcie/my_overlay.xclbin",
        repository / "my_overlay/__pycache__/__init__.cpython-312.pyc",
        repository / "boards/Pynq-Z2/my_overlay/my_overlay.bit",
    ):
        name.parent.mkdir(exist_ok=True)
        name.write_bytes(b"x")


@pytest.mark.parametrize("version", interpreters.VERSIONS)
def test_sdist_builds_on(python_of, repository, version):
    expected = (
        PAPERS | package_files(repository, "my_overlay") | {"my_overlay/notebooks/edge/a/b.txt"}
    )
    (repository / "my_overlay/notebooks/edge/a").mkdir()
    (repository / "my_overlay/notebooks/edge/a/b.txt").write_text("an image, say")
    clutter(repository)
    assert names_in(build_sdist(repository, python_of(version))) == expected


def test_sdist_needs_setuptools_alone(python_of, repository):
    """Not even a package index, where setuptools is there."""
    python = python_of("3.8")
    offline = {"PIP_NO_INDEX": "1", "http_proxy": "http://127.0.0.1:9"}
    run("make", "sdist", f"PYTHON={python} -I", cwd=repository, **offline)
    assert [path.name for path in (repository / "dist").iterdir()] != []


def test_failed_sdist_shows_why(repository):
    (repository / "my_overlay/__init__.py").write_text("# no version\n")
    result = run("make", "sdist", f"PYTHON={sys.executable}", cwd=repository, check=False)
    assert result.returncode != 0
    assert 'a line such as __version__ = "0.1.0" is missing' in result.stdout
    assert "see build/sdist.log" in result.stdout


@pytest.mark.parametrize(
    "environment, expected",
    [
        ({}, "pcie" if platform.machine() == "x86_64" else "edge"),
        ({"BOARD": "Pynq-Z2"}, "edge"),
        ({"OVERLAY_PLATFORM": "edge"}, "edge"),
        ({"OVERLAY_PLATFORM": "pcie", "BOARD": "Pynq-Z2"}, "pcie"),
    ],
)
def test_wheel_holds_the_package_and_names_the_platform(
    repository, tmp_path, environment, expected
):
    sdist = build_sdist(repository, sys.executable)
    wheel = build_wheel(sdist, tmp_path / "wheels", sys.executable, **environment)
    assert names_in(wheel) == package_files(repository, "my_overlay")
    entry_points = read_from(wheel, "entry_points.txt").split()
    assert entry_points == [
        "[pynq.notebooks]",
        "my-overlay",
        "=",
        f"my_overlay.notebooks.{expected}",
    ]


@pytest.mark.parametrize("only", ["edge", "pcie"])
def test_one_platform_is_taken_on_every_machine(template, tmp_path, only):
    repository = render(template, tmp_path / "x", platforms=[only])
    environment = {"BOARD": "Pynq-Z2"} if only == "pcie" else {"OVERLAY_PLATFORM": "pcie"}
    wheel = build_wheel(repository, tmp_path / "wheels", sys.executable, **environment)
    assert f"x = x.notebooks.{only}" in read_from(wheel, "entry_points.txt")


def test_metadata_reads_as_answered(template, tmp_path):
    repository = render(
        template,
        tmp_path / "x",
        module_name="pynq_x",
        description=HOSTILE,
        user_name='Ada Ünï "Q" O\'Neil',
        user_email="ada@example.com",
        license="MIT",
    )
    wheel = build_wheel(repository, tmp_path / "wheels", sys.executable)
    metadata = email.message_from_string(read_from(wheel, "METADATA"))
    author, address = metadata["Author"], metadata["Author-email"]
    assert (metadata["Name"], metadata["Version"]) in [("pynq-x", "0.1.0"), ("pynq_x", "0.1.0")]
    assert metadata["Summary"] == HOSTILE
    assert 'Ada Ünï "Q" O\'Neil' in (author or "") + (address or "")
    assert "ada@example.com" in address
    assert metadata["Requires-Python"] == ">=3.8"
    assert metadata["Requires-Dist"] is None
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "MIT License" in read_from(wheel, "LICENSE")


@pytest.mark.parametrize(
    "image, version, setuptools", [("PYNQ 2.7", "3.8", "44.0.0"), ("PYNQ 3.1", "3.10", "59.6.0")]
)
def test_old_setuptools_of_the_images_gets_the_metadata(
    python_of, repository, tmp_path, image, version, setuptools
):
    """A PEP 621 table would become UNKNOWN-0.0.0 there. Without isolation, as on a board."""
    run(python_of(version), "-m", "venv", tmp_path / "image")
    python = tmp_path / "image/bin/python"
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(*pip, f"setuptools=={setuptools}", "wheel<0.40")
    run(*pip, "--no-build-isolation", build_sdist(repository, sys.executable))
    shown = run(python, "-m", "pip", "show", "-f", "my-overlay").stdout
    assert "Name: my-overlay\nVersion: 0.1.0\n" in shown
    assert "my_overlay.bit.link" in shown


def functions_of(repository):
    """Return what setup.py defines, without running setup()."""
    tree = ast.parse((repository / "setup.py").read_text())
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef)
    tree.body = [node for node in tree.body if isinstance(node, kinds)]
    namespace = {}
    exec(compile(tree, "setup.py", "exec"), namespace)
    return namespace


@pytest.mark.parametrize(
    "machine, expected",
    [
        ("x86_64", "pcie"),
        ("AMD64", "pcie"),
        ("riscv64", "pcie"),
        ("", "pcie"),
        ("armv7l", "edge"),
        ("aarch64", "edge"),
        ("arm64", "edge"),
    ],
)
def test_platform_of_a_machine(default_repository, monkeypatch, machine, expected):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert functions_of(default_repository)["get_platform"]() == expected


def test_device_tree_means_edge(default_repository, monkeypatch):
    functions = functions_of(default_repository)
    tree = "/proc/device-tree/chosen/pynq_board"
    monkeypatch.setattr(functions["os"].path, "exists", lambda path: path == tree)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert functions["get_platform"]() == "edge"


def test_wrong_override_is_named(default_repository, monkeypatch):
    monkeypatch.setenv("OVERLAY_PLATFORM", "egde")
    with pytest.raises(SystemExit, match="OVERLAY_PLATFORM is 'egde': set it to edge or pcie"):
        functions_of(default_repository)["get_platform"]()


def test_find_version_reads_without_importing(default_repository, tmp_path):
    find_version = functions_of(default_repository)["find_version"]
    path = tmp_path / "__init__.py"
    path.write_text("import nowhere\n__version__ = '1.2.3'\n", encoding="utf-8")
    assert find_version(str(path)) == "1.2.3"
    path.write_text("version = 1\n")
    with pytest.raises(SystemExit, match="is missing"):
        find_version(str(path))


def test_extend_package_takes_every_file_below(repository, monkeypatch):
    clutter(repository)
    monkeypatch.chdir(repository)
    functions = functions_of(repository)
    functions["extend_package"]("my_overlay/notebooks")
    taken = {f"my_overlay/{name}" for name in functions["data_files"]}
    expected = {name for name in files_of(repository) if name.startswith("my_overlay/notebooks/")}
    assert taken == {name for name in expected if ".ipynb_checkpoints" not in name}
