"""Delivery with the real thing: pip installs the sdist beside real PYNQ, which delivers the notebooks."""

import hashlib
import json
import os
import shutil
import sys

import pytest
from helpers.package import build_sdist
from helpers.pynq import PYTHON_OF
from helpers.render import EXAMPLE, moved, render, run

U200 = "xilinx_u200_xdma_201830_2"
ENDINGS = {"edge": ("bit", "hwh"), "pcie": ("xclbin",)}

pytestmark = pytest.mark.parametrize("release", PYTHON_OF)


def publish(repository, web):
    """Put a file on the web for each entry of each link file, and its md5 sum into the link.

    Returns the content of each file by its ending and device.
    """
    published = {}
    for path in sorted(repository.rglob("*.link")):
        links = json.loads(path.read_text())
        for device, entry in links.items():
            content = os.urandom(20_000)
            target = web.folder / entry["url"].removeprefix(web.url + "/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            entry["md5sum"] = hashlib.md5(content).hexdigest()
            published[path.name.removesuffix(".link"), device] = content
        path.write_text(json.dumps(links, indent=2) + "\n")
    return published


@pytest.fixture
def pynq(pynq_in, release):
    """The environment with this PYNQ release; what a test installs is taken away again."""
    environment = pynq_in(release)
    yield environment
    uninstall(environment)


def uninstall(pynq):
    """Do what pip would, in no time."""
    for site in pynq.glob("lib/python*/site-packages"):
        for path in [*site.glob("my_overlay*"), *site.glob("wide"), *site.glob("wide-*")]:
            shutil.rmtree(path)


@pytest.fixture(scope="module")
def rendered(template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rendered") / "my-overlay"
    return render(template, folder, artifact_url=EXAMPLE + "/v{version}")


@pytest.fixture
def repository(rendered, tmp_path, web):
    return moved(rendered, tmp_path / "my-overlay", web.url)


@pytest.fixture(scope="module")
def wide(template, tmp_path_factory):
    return render(
        template,
        tmp_path_factory.mktemp("rendered") / "wide",
        platforms=["edge"],
        boards=["Pynq-Z2", "ZCU104", "VCK190"],
        overlays=["fir", "fft"],
        artifact_url=EXAMPLE,
    )


def pip_install(pynq, sdist, *options, **environment):
    pip = [pynq / "bin/pip", "--disable-pip-version-check", "install"]
    return run(*pip, *options, sdist, **environment)


def activated(pynq):
    """Return the PATH of a shell in which this environment is active."""
    return f"{pynq / 'bin'}{os.pathsep}{os.environ['PATH']}"


def get_notebooks(pynq, folder, *options, name="my-overlay"):
    command = [pynq / "bin/pynq", "get-notebooks", name, "-p", folder, *options]
    return run(*command, PATH=activated(pynq))


def contents_below(folder):
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize("platform, devices", [("edge", ["Pynq-Z2", "ZCU104"]), ("pcie", [U200])])
def test_notebooks_and_bitstreams_arrive_byte_for_byte(
    pynq, repository, web, tmp_path, platform, devices
):
    published = publish(repository, web)
    notebook = (repository / f"my_overlay/notebooks/{platform}/my_overlay.ipynb").read_bytes()
    pip_install(pynq, build_sdist(repository, sys.executable), OVERLAY_PLATFORM=platform)
    for device in devices:
        get_notebooks(pynq, tmp_path / device, "-d", device)
        expected = {"my-overlay/my_overlay.ipynb": notebook}
        for ending in ENDINGS[platform]:
            name = f"my_overlay.{ending}"
            expected[f"my-overlay/{name}"] = published[name, device]
        assert contents_below(tmp_path / device) == expected


def test_versal_and_other_boards_share_a_package(pynq, wide, web, tmp_path, release):
    repository = moved(wide, tmp_path / "wide", web.url)
    published = publish(repository, web)
    sdist = build_sdist(repository, sys.executable)
    pip_install(pynq, sdist)
    for device, ending in (("Pynq-Z2", "bit"), ("VCK190", "pdi"), ("ZCU104", "bit")):
        get_notebooks(pynq, tmp_path / device, "-d", device, name="wide")
        delivered = contents_below(tmp_path / device)
        expected = {f"{name}.{kind}" for name in ("fir", "fft") for kind in (ending, "hwh")}
        assert set(delivered) == {f"wide/{name}" for name in expected | {"fir.ipynb", "fft.ipynb"}}
        for name in expected:
            assert delivered[f"wide/{name}"] == published[name, device]
    uninstall(pynq)
    assert "will try again" not in install_on_board(pynq, sdist, "VCK190")
    if release != "2.7.0":  # which has no pynqutils to fetch with
        fetched = {f"{name}.{kind}" for name in ("fir", "fft") for kind in ("pdi", "hwh")}
        assert {
            path.split("/")[0].removesuffix(".d") for path in installed_bitstreams(pynq, "wide")
        } == fetched


def test_delivery_without_bitstreams_and_again_by_force(pynq, repository, web, tmp_path):
    published = publish(repository, web)
    pip_install(pynq, build_sdist(repository, sys.executable), OVERLAY_PLATFORM="edge")
    get_notebooks(pynq, tmp_path / "delivered", "--ignore-overlays")
    assert set(contents_below(tmp_path / "delivered")) == {"my-overlay/my_overlay.ipynb"}
    get_notebooks(pynq, tmp_path / "delivered", "-d", "Pynq-Z2", "--force")
    delivered = contents_below(tmp_path / "delivered")
    assert delivered["my-overlay/my_overlay.bit"] == published["my_overlay.bit", "Pynq-Z2"]


def installed_bitstreams(pynq, module):
    """Return the bitstreams that the installed package carries, by path in its edge folder."""
    (edge,) = pynq.glob(f"lib/python*/site-packages/{module}/notebooks/edge")
    return {
        name: content
        for name, content in contents_below(edge).items()
        if not name.endswith((".link", ".ipynb", ".py", ".pyc"))
    }


def install_on_board(pynq, sdist, board):
    """Install as on a board: $BOARD set, PYNQ visible to the build. Returns what pip prints."""
    options = ["--no-build-isolation", "--no-cache-dir", "--verbose"]
    result = pip_install(pynq, sdist, *options, BOARD=board, PATH=activated(pynq))
    return result.stdout + result.stderr


def test_install_on_a_board_fetches_its_bitstreams(pynq, repository, web, tmp_path, release):
    published = publish(repository, web)
    output = install_on_board(pynq, build_sdist(repository, sys.executable), "Pynq-Z2")
    assert "will try again" not in output
    found = installed_bitstreams(pynq, "my_overlay")
    if release == "2.7.0":  # which has no pynqutils to fetch with
        assert found == {}
        return
    assert found == {
        f"my_overlay.{ending}.d/my_overlay.Pynq-Z2.{ending}": published[
            f"my_overlay.{ending}", "Pynq-Z2"
        ]
        for ending in ("bit", "hwh")
    }
    web.requests.clear()
    get_notebooks(pynq, tmp_path / "delivered", "-d", "Pynq-Z2")
    delivered = contents_below(tmp_path / "delivered")
    assert delivered["my-overlay/my_overlay.bit"] == published["my_overlay.bit", "Pynq-Z2"]
    assert web.requests == []
    # The links are still there: what was built for one board serves another one too.
    get_notebooks(pynq, tmp_path / "other", "-d", "ZCU104")
    other = contents_below(tmp_path / "other")
    assert other["my-overlay/my_overlay.hwh"] == published["my_overlay.hwh", "ZCU104"]


@pytest.mark.parametrize("reason", ["wrong sum", "gone", "unknown board", "nothing published"])
def test_install_on_a_board_goes_on_when_that_fails(
    pynq, repository, web, tmp_path, release, reason
):
    board = "Toaster" if reason == "unknown board" else "Pynq-Z2"
    if reason != "nothing published":
        publish(repository, web)
    for path in web.folder.rglob("*Pynq-Z2*.bit"):
        if reason == "wrong sum":
            path.write_bytes(b"other")
        if reason == "gone":
            path.unlink()
    output = install_on_board(pynq, build_sdist(repository, sys.executable), board)
    warnings = [line for line in output.splitlines() if "will try again" in line]
    if release == "2.7.0":
        assert warnings == []
        return
    assert len(warnings) == 1, output
    assert board in warnings[0]
    if reason in ("wrong sum", "gone"):
        assert "could not fetch my_overlay.bit for Pynq-Z2" in warnings[0]
    if reason == "unknown board":
        assert "no link file knows the board Toaster" in warnings[0]
    shown = run(pynq / "bin/pip", "show", "my-overlay").stdout
    assert "Version: 0.1.0" in shown
