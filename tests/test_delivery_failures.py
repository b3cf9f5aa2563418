"""The emitted deliver_notebooks on real PYNQ: it delivers, or says in one sentence why not."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import zipfile

import pexpect
import pytest
from helpers.measure import measure
from helpers.package import build_wheel
from helpers.pynq import PYTHON_OF
from helpers.render import render, run
from helpers.server import Server

pytestmark = pytest.mark.parametrize("release", PYTHON_OF)

SIZE = 3_000_000
NOTEBOOK = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'


@pytest.fixture
def web():
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def wheel(template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    repository = render(template, folder / "my-overlay", artifact_url="http://127.0.0.1/v{version}")
    return build_wheel(repository, folder / "dist", sys.executable, OVERLAY_PLATFORM="edge")


class User:
    """Somebody with PYNQ `release`, the package installed and its files on `web`."""

    def __init__(self, environment, wheel, web, folder):
        self.pynq, self.web, self.folder = environment / "bin/pynq", web, folder
        self.site, self.target = folder / "site", folder / "delivered"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site)
        self.package = self.site / "my_overlay"
        self.edge = self.package / "notebooks/edge"
        edit(self.package / "download.py", "PAUSE = 0.5", "PAUSE = 0.01")
        self.files = {}
        for path in self.edge.glob("*.link"):
            links = json.loads(path.read_text())
            for device in links:
                self.publish(path, device)
        self.environment = {
            **os.environ,
            "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.site),
        }

    def publish(self, path, device, content=None, **changes):
        """Put a file on the web and its entry into the link file at `path`; return its web path."""
        links = json.loads(path.read_text()) if path.exists() else {}
        content = os.urandom(SIZE) if content is None else content
        name = path.name.removesuffix(".link")
        place = f"/v1/{device}-{name}"
        self.web.files[place] = self.files[name, device] = content
        entry = {
            "url": self.web.url + place,
            "md5sum": hashlib.md5(content).hexdigest(),
            "sha256": hashlib.sha256(content).hexdigest(),
            **changes,
        }
        path.write_text(json.dumps({**links, device: entry}))
        return place

    def command(self, *options, device="Pynq-Z2"):
        device = ["-d", device] if device else []
        return [self.pynq, "get-notebooks", "my-overlay", "-p", self.target, *device, *options]

    def get(self, *options, device="Pynq-Z2", **environment):
        """Deliver and return the finished process."""
        return subprocess.run(
            [str(word) for word in self.command(*options, device=device)],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
        )

    def refused(self, *options, **settings):
        """Deliver, which must fail and leave nothing to see; return the sentence."""
        result = self.get(*options, **settings)
        assert result.returncode == 1, result.stderr
        assert "Traceback" not in result.stderr
        assert self.delivered() == {}
        (sentence,) = (x for x in result.stderr.splitlines() if x.startswith("my-overlay: "))
        return sentence.removeprefix("my-overlay: ")

    def delivered(self):
        """Return the content of what was delivered, by path; hidden files are not."""
        found = {p.relative_to(self.target): p for p in self.target.rglob("*") if p.is_file()}
        shown = {k: p for k, p in found.items() if not any(part[0] == "." for part in k.parts)}
        return {k.as_posix(): path.read_bytes() for k, path in shown.items()}

    def has_all(self, device="Pynq-Z2"):
        """Say whether the sample's files for `device` were delivered, and nothing is left over."""
        kind = "bit"
        expected = {
            "my-overlay/my_overlay.ipynb": (self.edge / "my_overlay.ipynb").read_bytes(),
            f"my-overlay/my_overlay.{kind}": self.files[f"my_overlay.{kind}", device],
            "my-overlay/my_overlay.hwh": self.files["my_overlay.hwh", device],
        }
        return self.delivered() == expected and self.waiting() == []

    def waiting(self):
        """Return the names of what waits for the next run."""
        return sorted(path.name for path in self.target.glob(".my-overlay.part/*"))


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture
def user(pynq_in, release, wheel, web, tmp_path):
    return User(pynq_in(release), wheel, web, tmp_path)


BIT = "/v1/Pynq-Z2-my_overlay.bit"


@pytest.mark.parametrize(
    "fault",
    ["slow", "no length", "long", *[(code, "/there") for code in (301, 302, 307, 308)], (503,)],
    ids=str,
)
def test_delivers_in_spite_of(user, fault):
    user.web.files["/there"] = user.files["my_overlay.bit", "Pynq-Z2"]
    user.web.faults[BIT] = [fault, None]
    result = user.get()
    assert result.returncode == 0, result.stderr
    assert user.has_all()
    assert "Downloading my_overlay.bit" in result.stderr


def test_goes_on_where_the_line_was_cut(user):
    user.web.faults[BIT] = ["cut", "cut", "cut", "cut", "cut", None]
    assert user.get().returncode == 0
    assert user.has_all()
    begins = [begin for path, begin in user.web.paths() if path == BIT]
    assert begins == [0] + [SIZE - SIZE // 2**n for n in range(1, 6)]


def test_begins_again_where_the_server_knows_no_ranges(user):
    user.web.ranges = False
    user.web.faults[BIT] = ["cut", None]
    assert user.get().returncode == 0
    assert user.has_all()


@pytest.mark.parametrize(
    "fault, reason, waits",
    [
        (404, "404 Not Found; tell the maintainers, or name a copy in OVERLAY_MIRROR", False),
        (500, "500 Internal Server Error; tell the maintainers", False),
        ("short", "another file, of 2999000 bytes, came for my_overlay.bit", False),
        ("other bytes", "another file, of 3000000 bytes, came for my_overlay.bit", False),
        ("web page", "a web page came for my_overlay.bit for Pynq-Z2", False),
        ("cut", "the line was cut after 1500000 of 3000000 bytes; check the network", True),
    ],
    ids=str,
)
def test_says_what_is_wrong_with_a_download(user, fault, reason, waits):
    user.web.ranges = False
    user.web.faults[BIT] = [fault]
    sentence = user.refused()
    assert reason in sentence
    assert "my_overlay.bit for Pynq-Z2" in sentence
    assert f"{user.web.url}{BIT}" in sentence
    assert len(user.waiting()) == (1 if waits else 0)
    user.web.faults.clear()
    assert user.get().returncode == 0
    assert user.has_all()


def test_says_that_nobody_answers(user):
    user.web.server.server_close()
    assert "Connection refused; check the network and try again" in user.refused()


def test_a_server_that_falls_silent_is_given_up(user):
    edit(user.package / "download.py", "TIMEOUT = 30 ", "TIMEOUT = 0.2 ")
    user.web.faults[BIT] = ["stall"]
    user.web.ranges = False
    assert "timed out; check the network and try again" in user.refused()


def test_a_wrong_part_is_not_gone_on_with_for_ever(user):
    """The partial file of a broken disk or proxy: the sum is wrong only after it was completed."""
    user.web.faults[BIT] = ["cut", 404]
    user.refused()
    user.web.faults[BIT] = ["cut", 503, 503, 503, 503]
    user.refused()
    (part,) = user.target.glob(".my-overlay.part/*")
    part.write_bytes(bytes(part.stat().st_size))
    user.web.faults.clear()
    assert user.get().returncode == 0
    assert user.has_all()


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGINT])
def test_killed_on_the_way_and_completed_by_the_second_run(user, way):
    user.web.faults["/v1/Pynq-Z2-my_overlay.hwh"] = ["stall"]
    process = subprocess.Popen(
        [str(word) for word in user.command()],
        env=user.environment,
        stderr=subprocess.PIPE,
        text=True,
        cwd=user.folder,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert user.web.stalled.wait(60)
    process.send_signal(way)
    _, errors = process.communicate()
    assert process.returncode
    if way == signal.SIGINT:
        assert "interrupted; `pynq get-notebooks my-overlay` goes on with it" in errors
        assert "Traceback" not in errors
    assert user.delivered() == {}
    user.web.faults.clear()
    user.web.paths()
    assert user.get().returncode == 0
    assert user.has_all()
    assert BIT not in [path for path, _ in user.web.paths()]  # it was there already


def test_all_or_nothing_of_two_files(user):
    hwh = "/v1/Pynq-Z2-my_overlay.hwh"
    user.web.faults[hwh] = [404]
    assert "my_overlay.hwh for Pynq-Z2 could not be had" in user.refused()
    user.web.faults.clear()
    user.web.paths()
    assert user.get().returncode == 0
    assert user.has_all()
    assert user.web.paths() == [(hwh, 0)]


def test_what_is_there_and_right_is_not_fetched_again(user):
    user.get()
    mine = user.target / "my-overlay/mine.ipynb"
    mine.write_text(NOTEBOOK)
    (user.target / "my-overlay/my_overlay.hwh").write_bytes(b"damaged")
    user.web.paths()
    assert user.get().returncode == 0  # PYNQ remembers that it delivered
    assert user.web.paths() == []
    assert user.get("--force").returncode == 0
    assert user.web.paths() == [("/v1/Pynq-Z2-my_overlay.hwh", 0)]
    assert mine.read_text() == NOTEBOOK
    mine.unlink()
    assert user.has_all()


@pytest.mark.parametrize(
    "device, there",
    [("pynq-z2", "type `pynq get-notebooks my-overlay -d Pynq-Z2`"), ("Zed", "name it with -d")],
)
def test_unknown_device(user, device, there):
    sentence = user.refused(device=device)
    assert sentence.startswith(
        f"there is no my_overlay.bit for the device {device}, only for Pynq-Z2, ZCU104; "
    )
    assert there in sentence
    assert user.web.paths() == []
    assert not user.target.exists()


def test_pending_link(user):
    user.publish(user.edge / "my_overlay.bit.link", "Pynq-Z2", md5sum=None, sha256=None)
    assert user.refused() == (
        "my_overlay.bit is not published for the device Pynq-Z2 yet, only for ZCU104; install the "
        f"next release, which will have it at {user.web.url}{BIT}"
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"Pynq-Z2": 3}', '{"Pynq-Z2": {"url": "x"}}'])
def test_broken_link_file(user, text):
    (user.edge / "my_overlay.bit.link").write_text(text)
    sentence = user.refused()
    assert sentence.endswith("my_overlay.bit.link cannot be read; tell its maintainers")


def test_md5_is_checked_where_it_is_the_only_sum(user):
    user.publish(user.edge / "my_overlay.bit.link", "Pynq-Z2", sha256=None)
    assert user.get().returncode == 0
    assert user.has_all()
    user.web.faults[BIT] = ["other bytes"]
    (user.target / "my-overlay/my_overlay.bit").unlink()
    result = user.get("--force")
    assert result.returncode == 1
    assert "its md5 is not " in result.stderr


def test_sha256_outranks_md5(user):
    content = b"x" * 100
    sums = {"md5sum": hashlib.md5(content).hexdigest(), "sha256": "0" * 64}
    user.publish(user.edge / "my_overlay.bit.link", "Pynq-Z2", content, **sums)
    assert f"its sha256 is not {'0' * 64}" in user.refused()


@pytest.mark.parametrize("layout", ["path", "names"])
@pytest.mark.parametrize("kind", ["folder", "address"])
def test_mirror(user, layout, kind):
    mirror = user.folder / "a mirror"
    files = {path: content for path, content in user.web.files.items()}
    user.web.files.clear()
    for path, content in files.items():
        place = path if layout == "path" else "/" + path.split("/")[-1]
        user.web.files["/lab/x" + place] = content
        if kind == "folder":
            (mirror / place[1:]).parent.mkdir(parents=True, exist_ok=True)
            (mirror / place[1:]).write_bytes(content)
    where = str(mirror) if kind == "folder" else user.web.url + "/lab/x/"
    assert user.get(OVERLAY_MIRROR=where).returncode == 0
    assert user.has_all()
    if kind == "folder":
        assert user.web.paths() == []


def test_mirror_without_the_file(user):
    (user.folder / "mirror").mkdir()
    sentence = user.refused(OVERLAY_MIRROR="mirror")
    assert "my_overlay.bit for Pynq-Z2 is not in OVERLAY_MIRROR=mirror; put " in sentence
    assert f"unset the variable to take it from {user.web.url}{BIT}" in sentence
    sentence = user.refused(OVERLAY_MIRROR=user.web.url + "/nowhere")
    assert "404 Not Found" in sentence


def test_a_file_in_the_package_wins(user):
    (user.edge / "my_overlay.bit").write_bytes(b"of the package")
    folder = user.edge / "my_overlay.hwh.d"
    folder.mkdir()
    (folder / "my_overlay.Pynq-Z2.hwh").write_bytes(b"of the board")
    assert user.get().returncode == 0
    user.files["my_overlay.bit", "Pynq-Z2"] = b"of the package"
    user.files["my_overlay.hwh", "Pynq-Z2"] = b"of the board"
    assert user.has_all()
    assert user.web.paths() == []


def test_a_folder_of_devices_without_a_link(user):
    (user.edge / "my_overlay.hwh.link").unlink()
    (user.edge / "my_overlay.hwh.d").mkdir()
    (user.edge / "my_overlay.hwh.d/my_overlay.ZCU104.hwh").write_bytes(b"x")
    sentence = user.refused()
    assert "there is no my_overlay.hwh for the device Pynq-Z2, only for ZCU104" in sentence
    assert user.get(device="ZCU104").returncode == 0


def test_nested_folders_hold_as_with_pynq(user):
    for name in ("more/deep", "other", "pictures", "all"):
        (user.edge / name).mkdir(parents=True)
    for name in ("more/deep/deep", "other/other", "all/all"):
        (user.edge / f"{name}.ipynb").write_text(NOTEBOOK)
    (user.edge / "pictures/a.png").write_bytes(b"a picture")
    (user.edge / "pictures/left.txt.link").write_text("no notebook is beside it")
    user.publish(user.edge / "more/deep/deep.bit.link", "Pynq-Z2", b"deep")
    user.publish(user.edge / "other/here.bit.link", "Pynq-Z2", b"here")
    user.publish(user.edge / "other/other.bit.link", "ZCU104", b"other")
    content = b"for all"
    user.web.files["/v1/all"] = content
    entry = {"url": user.web.url + "/v1/all", "md5sum": hashlib.md5(content).hexdigest()}
    (user.edge / "all/all.txt.link").write_text(json.dumps(entry))
    result = user.get()
    assert result.returncode == 0, result.stderr
    assert "The notebooks in other are left out: there is no other.bit for the device Pynq-Z2" in (
        result.stderr
    )
    names = "all/all.ipynb all/all.txt more/deep/deep.bit more/deep/deep.ipynb my_overlay.bit"
    names += " my_overlay.hwh my_overlay.ipynb pictures/a.png pictures/left.txt.link"
    found = user.delivered()
    assert set(found) == {f"my-overlay/{name}" for name in names.split()}
    assert found["my-overlay/all/all.txt"] == b"for all"
    assert "/v1/Pynq-Z2-here.bit" not in [path for path, _ in user.web.paths()]


def test_equal_files_are_both_delivered(user):
    for name in ("a.bit", "b.bit"):
        user.publish(user.edge / f"{name}.link", "Pynq-Z2", b"the same")
    assert user.get().returncode == 0
    found = user.delivered()
    assert found["my-overlay/a.bit"] == found["my-overlay/b.bit"] == b"the same"


def test_no_root(user):
    with open(user.edge / "__init__.py", "a", encoding="utf-8") as file:
        file.write("\n__no_root__ = True\n")
    user.target.mkdir()
    (user.target / "mine.txt").write_text("mine")
    assert user.get().returncode == 0
    assert set(user.delivered()) == {
        "mine.txt",
        "my_overlay.bit",
        "my_overlay.hwh",
        "my_overlay.ipynb",
    }
    assert user.waiting() == []


def test_notebooks_alone(user):
    assert user.get("--ignore-overlays", device=None).returncode == 0
    assert set(user.delivered()) == {"my-overlay/my_overlay.ipynb"}
    assert user.web.paths() == []


def test_quiet(user):
    result = user.get("--quiet")
    assert result.returncode == 0
    assert result.stdout + result.stderr == ""
    assert user.has_all()


def test_a_bar_on_a_terminal(user):
    user.web.faults[BIT] = ["slow"]
    command = [str(word) for word in user.command()]
    child = pexpect.spawn(command[0], command[1:], env=user.environment, cwd=str(user.folder))
    child.setwinsize(24, 80)
    child.expect(r"my_overlay.bit +\[=+ +\] [0-9.]+ of 3.0 MB", timeout=60)
    child.expect(r"my_overlay.bit +\[={20}\] 3.0 of 3.0 MB", timeout=60)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_two_at_once(user):
    user.web.faults[BIT] = ["stall"]
    first = subprocess.Popen(
        [str(word) for word in user.command()],
        env=user.environment,
        stderr=subprocess.DEVNULL,
        cwd=user.folder,
    )
    assert user.web.stalled.wait(60)
    assert user.refused() == "another process is delivering it; wait for that"
    first.kill()
    first.wait()
    user.web.faults.clear()
    assert user.get().returncode == 0
    assert user.has_all()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB."""
    place = tmp_path / "small"
    place.mkdir()
    result = run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place, check=False)
    if result.returncode:
        missed = pytest.fail if os.environ.get("CI") else pytest.skip
        missed(f"no small disk here: {result.stderr.strip()}; mounting one takes root")
    yield place
    run("umount", place)


@pytest.mark.parametrize("fault", [None, "no length"], ids=["announced", "not announced"])
def test_full_disk(user, small_disk, fault):
    user.target = small_disk / "delivered"
    for ending in ("bit", "hwh"):
        user.web.faults[f"/v1/Pynq-Z2-my_overlay.{ending}"] = [fault]
    sentence = user.refused()
    assert sentence == (
        f"nothing was delivered; no space is left for {user.target}/my-overlay; "
        "make room and type `pynq get-notebooks my-overlay`"
    )
    run("mount", "-o", "remount,size=8m", small_disk)
    assert user.get().returncode == 0
    assert user.has_all()


def test_memory_stays_flat(user):
    def peak(*options, device="Pynq-Z2"):
        command = user.command(*options, device=device)
        return measure(command, cwd=user.folder, **user.environment)[1]

    least = peak("--ignore-overlays", device=None)
    user.publish(user.edge / "my_overlay.bit.link", "Pynq-Z2", bytes(200 << 20))
    assert peak("--force") - least < 10
    assert (user.target / "my-overlay/my_overlay.bit").stat().st_size == 200 << 20
