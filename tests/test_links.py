"""From built bitstreams to link files: `make links`, `make verify-links` and `make bundle`."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile

import pexpect
import pytest
from helpers.hardware import Workshop, digests_of
from helpers.pynq import PYTHON_OF
from helpers.render import EXAMPLE, commit_all, git, moved, render, run
from helpers.results import bit, hwh, hwh_for, xclbin
from helpers.server import Server

U200 = "xilinx_u200_xdma_201830_2"
U50 = "xilinx_u50_gen3x16_xdma_201920_3"
GOOD = {
    "Pynq-Z2": {"bit": bit("7z020clg400"), "hwh": hwh("resizer")},
    "RFSoC4x2": {"bit": bit("xczu48dr-ffvg1517-2-e"), "hwh": hwh("rfsoc_sam")},
    "U200": {"xclbin": xclbin(U200)},
    "U50": {"xclbin": xclbin(U50)},
    "VCK190": {"pdi": b"an image", "hwh": hwh_for("xcvc1902-vsva2197-2MP-e-S")},
}


@pytest.fixture
def web():
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def rendered(template, tmp_path_factory):
    return render(
        template,
        tmp_path_factory.mktemp("links") / "vision",
        boards=list(GOOD),
        overlays=["fir", "fft"],
        artifact_url=EXAMPLE + "/v{version}",
    )


@pytest.fixture
def repository(rendered, tmp_path, web):
    """The repository, published on `web`, for tests that change it."""
    return moved(rendered, tmp_path / "vision", web.url)


def built(repository, boards=tuple(GOOD), overlays=("fir", "fft"), **changes):
    """Leave in boards/ what builds leave there; `changes` has other contents, None for no file."""
    digests = digests_of(repository)
    for board in boards:
        for overlay in overlays:
            folder = repository / "boards" / board / overlay
            for ending, content in {**GOOD[board], **changes}.items():
                if ending in GOOD[board] and content is not None:
                    (folder / f"{overlay}.{ending}").write_bytes(content + b"\n")
            (folder / f"{overlay}.digest").write_text(digests[f"{board}/{overlay}"] + "\n")


def make(repository, *arguments, check=True, **environment):
    python = f"PYTHON={sys.executable}"  # a later one on the command line outranks it
    return run("make", python, *arguments, cwd=repository, check=check, **environment)


def refused(repository, *arguments):
    """Run a command that must fail and change nothing; return what it says."""
    before = state(repository)
    result = make(repository, *arguments, check=False)
    assert result.returncode
    assert "Traceback" not in result.stderr
    assert state(repository) == before
    return "\n".join(x for x in result.stderr.splitlines() if not x.startswith("make"))


def state(repository):
    paths = [path for path in repository.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in paths if "__pycache__" not in path.parts}


def links(repository, name):
    (path,) = repository.rglob(name + ".link")
    return json.loads(path.read_text())


def upload(repository, web, version="0.1.0"):
    """Do what the owner does with the upload folder."""
    for path in (repository / "upload" / version).iterdir():
        web.files[f"/v{version}/{path.name}"] = path.read_bytes()


def test_links_are_written_and_files_collected(repository, web):
    built(repository)
    make(repository, "links")
    names = {path.name for path in (repository / "upload/0.1.0").iterdir()}
    assert names == {
        f"{overlay}-{board}-0.1.0.{ending}"
        for overlay in ("fir", "fft")
        for board, files in GOOD.items()
        for ending in files
    }
    content = (repository / "boards/Pynq-Z2/fir/fir.bit").read_bytes()
    assert (repository / "upload/0.1.0/fir-Pynq-Z2-0.1.0.bit").read_bytes() == content
    assert links(repository, "fir.bit")["Pynq-Z2"] == {
        "url": f"{web.url}/v0.1.0/fir-Pynq-Z2-0.1.0.bit",
        "md5sum": hashlib.md5(content).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "inputs": digests_of(repository)["Pynq-Z2/fir"],
    }
    assert list(links(repository, "fir.hwh")) == ["Pynq-Z2", "RFSoC4x2", "VCK190"]
    result = run(sys.executable, "tools/validate_layout.py", "--release", cwd=repository)
    assert "no errors" in result.stdout


def test_repeating_it_changes_nothing(repository):
    built(repository)
    make(repository, "links")
    before = {p: (content, p.stat().st_mtime_ns) for p, content in state(repository).items()}
    result = make(repository, "links")
    assert "Every link was right already." in result.stdout
    after = {p: (content, p.stat().st_mtime_ns) for p, content in state(repository).items()}
    assert after == before


def test_boards_that_were_not_built_stay_as_they_are(repository):
    built(repository)
    make(repository, "links")
    before = links(repository, "fir.bit"), links(repository, "fir.xclbin")
    run("make", "-C", "boards", "clean", cwd=repository)
    init = repository / "vision/__init__.py"
    init.write_text(init.read_text().replace("0.1.0", "0.2.0"))
    built(repository, ["RFSoC4x2"], ["fir"], bit=bit("xczu48dr-ffvg1517-2-e", b"new"))
    result = make(repository, "links")
    assert "no bitstreams of Pynq-Z2, VCK190, U200, U50 here" in result.stdout
    after = links(repository, "fir.bit")
    assert after.pop("RFSoC4x2")["url"].endswith("/v0.2.0/fir-RFSoC4x2-0.2.0.bit")
    assert before[0].pop("RFSoC4x2")["url"].endswith("/v0.1.0/fir-RFSoC4x2-0.1.0.bit")
    assert (after, links(repository, "fir.xclbin")) == before
    assert len(list((repository / "upload/0.2.0").iterdir())) == 2


def test_diffs_are_small_and_owners_keys_stay(repository):
    """Keys come in the catalogue's order, whatever the owner did; what they added stays."""
    (path,) = repository.rglob("fir.bit.link")
    data = json.loads(path.read_text())
    data["Mine"] = {"url": "https://example.com/x.bit", "md5sum": None}
    data["Pynq-Z2"]["note"] = "ä word"
    path.write_text(json.dumps(dict(reversed(list(data.items())))))
    built(repository, ["Pynq-Z2"])
    make(repository, "links")
    after = json.loads(path.read_text())
    assert list(after) == ["Pynq-Z2", "RFSoC4x2", "Mine"]
    assert after["Pynq-Z2"]["note"] == "ä word"
    assert after["RFSoC4x2"] == data["RFSoC4x2"] and after["Mine"] == data["Mine"]
    text = path.read_text()
    assert text == json.dumps(after, indent=2, ensure_ascii=False) + "\n"


def test_one_board_alone(repository):
    built(repository)
    make(repository, "links", "BOARD=U50")
    names = {path.name for path in (repository / "upload/0.1.0").iterdir()}
    assert names == {"fir-U50-0.1.0.xclbin", "fft-U50-0.1.0.xclbin"}
    assert "there are Pynq-Z2" in refused(repository, "links", "BOARD=U51")


def test_a_folder_given(repository, tmp_path):
    folder = tmp_path / "from elsewhere"
    (folder / "U200/fir").mkdir(parents=True)
    (folder / "U200/fir/fir.xclbin").write_bytes(GOOD["U200"]["xclbin"])
    (folder / "fft-U50.xclbin").write_bytes(GOOD["U50"]["xclbin"])
    for ending, content in GOOD["Pynq-Z2"].items():
        (folder / f"fir-Pynq-Z2-0.1.0.{ending}").write_bytes(content)
    built(repository, ["RFSoC4x2"])
    make(repository, "links", f"FROM={folder}")
    names = {path.name for path in (repository / "upload/0.1.0").iterdir()}
    assert names == {
        "fir-U200-0.1.0.xclbin",
        "fft-U50-0.1.0.xclbin",
        "fir-Pynq-Z2-0.1.0.bit",
        "fir-Pynq-Z2-0.1.0.hwh",
    }
    assert "inputs" not in links(repository, "fir.xclbin")[U200]
    assert "is no folder" in refused(repository, "links", "FROM=nowhere")


def test_nothing_built(repository):
    text = refused(repository, "links")
    assert text.startswith("There are no bitstreams yet; type make -C boards")
    assert not (repository / "upload").exists()


Z2_FIR = "boards/Pynq-Z2/fir/fir"


@pytest.mark.parametrize(
    "ending, content, sentence",
    [
        (
            "bit",
            GOOD["RFSoC4x2"]["bit"],
            "is for the FPGA xczu48dr-ffvg1517-2-e and not for xc7z020clg400-1: it is the file of RFSoC4x2",
        ),
        ("bit", bit("7z010clg400"), "is for the FPGA 7z010clg400 and not for xc7z020clg400-1"),
        ("bit", bit("7z020clg484"), "is for the FPGA 7z020clg484 and not for xc7z020clg400-1"),
        ("bit", b"not a bitstream", "has no header of a bitstream"),
        ("bit", GOOD["Pynq-Z2"]["bit"][:60], "has no header of a bitstream"),
        ("bit", GOOD["Pynq-Z2"]["hwh"], "has no header of a bitstream"),
        (
            "hwh",
            GOOD["RFSoC4x2"]["hwh"],
            "is for xczu48drffvg1517 on rfsoc4x2 and not for xc7z020clg400-1 on pynq-z2: it is the file of RFSoC4x2",
        ),
        (
            "hwh",
            hwh_for("xc7z020clg400-1", "www.digilentinc.com:pynq-z1:part0:1.0"),
            "is for 7z020clg400 on pynq-z1 and not for xc7z020clg400-1 on pynq-z2",
        ),
        ("hwh", b"<EDKSYSTEM/>", "is no .hwh of Vivado: it has no SYSTEMINFO"),
        ("hwh", b"\0\1", "is no .hwh of Vivado: it has no SYSTEMINFO"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(repository, ending, content, sentence):
    built(repository)
    (repository / f"{Z2_FIR}.{ending}").write_bytes(content)
    text = refused(repository, "links")
    assert text.splitlines() == [
        f"{Z2_FIR}.{ending} cannot be for Pynq-Z2: it {sentence}",
        "Nothing was written; mend that and type it again.",
    ]
    assert not (repository / "upload").exists()


@pytest.mark.parametrize(
    "board, ending", [("Pynq-Z2", "bit"), ("VCK190", "pdi"), ("U50", "xclbin")]
)
def test_an_empty_file_is_refused(repository, board, ending):
    built(repository)
    (repository / f"boards/{board}/fft/fft.{ending}").write_bytes(b"")
    assert f"fft.{ending} cannot be for {board}: it is empty" in refused(repository, "links")


def test_one_of_a_pair_missing_is_refused(repository):
    built(repository, ["Pynq-Z2"], hwh=None)
    text = refused(repository, "links")
    assert "Pynq-Z2/fir: fir.bit has no .hwh beside it; a board needs both" in text
    assert "Pynq-Z2/fft: fft.bit has no .hwh beside it" in text


def test_a_cards_file_is_looked_at(repository):
    built(repository, ["U200", "U50"])
    place = repository / "boards/U200/fir/fir.xclbin"
    place.write_bytes(b"xclbin1\0" + bytes(500))
    assert "it does not begin with xclbin2" in refused(repository, "links")
    place.write_bytes(GOOD["U50"]["xclbin"])
    text = refused(repository, "links")
    assert f"is for the platform {U50} and not for {U200}: it is the file of U50" in text
    place.write_bytes(xclbin("a_name_of_the_shell"))
    make(repository, "links")


def test_a_published_name_is_never_used_again(repository):
    built(repository)
    make(repository, "links")
    built(repository, ["Pynq-Z2"], bit=bit("7z020clg400", b"other"))
    commit_all(repository)
    make(repository, "links")  # nothing is published yet
    git(repository, "commit", "-qam", "Links")
    git(repository, "tag", "v0.1.0")
    make(repository, "links")
    built(repository, ["Pynq-Z2"], bit=bit("7z020clg400", b"yet another"))
    text = refused(repository, "links")
    assert "fir-Pynq-Z2-0.1.0.bit is published with v0.1.0 and this is another file; raise" in text


def test_results_of_older_sources_are_told(repository):
    built(repository)
    with open(repository / "boards/ip/fft/vadd.cpp", "a", encoding="utf-8") as file:
        file.write("// changed\n")
    result = make(repository, "links", "BOARD=U50")
    notes = [line for line in result.stdout.splitlines() if line.startswith("note: U50")]
    assert notes == ["note: U50/fft was built from other sources than today's"]


def test_one_url_for_every_device_is_left_to_the_owner(repository):
    (path,) = repository.rglob("fir.xclbin.link")
    path.write_text('{"url": "https://example.com/x", "md5sum": null}')
    built(repository, ["U50"], ["fir"])
    assert "has one url for every device; give each device an entry" in refused(repository, "links")
    path.write_text("{")
    assert "is no valid JSON" in refused(repository, "links")


@pytest.mark.skipif(not os.path.exists("/usr/bin/tclsh"), reason="tclsh is not here (Debian: tcl)")
def test_from_build_to_links(template, tmp_path):
    """What boards/ builds, with the stand-ins for the tools, is what `make links` takes."""
    boards = ["Pynq-Z2", "ZCU104", "KV260", "AUP-ZU3", "RFSoC4x2", "U55C"]
    repository = render(template, tmp_path / "vision", boards=boards, overlays=["fft"])
    Workshop(tmp_path / "workshop").make(repository)
    result = make(repository, "links")
    assert "note:" not in result.stdout
    assert len(list((repository / "upload/0.1.0").iterdir())) == 11
    assert all(entry["inputs"] for entry in links(repository, "fft.bit").values())


# --- make verify-links ---------------------------------------------------------------------------


def test_verify_passes_where_all_is_there(repository, web):
    built(repository)
    make(repository, "links")
    upload(repository, web)
    result = make(repository, "verify-links")
    assert result.stdout.splitlines()[-1] == "16 of 16 published files are there and right"
    assert len(web.paths()) == 16


def test_the_oldest_python_will_do(repository, web, python_of):
    python = f"PYTHON={python_of('3.8')}"
    built(repository)
    make(repository, python, "links")
    upload(repository, web)
    make(repository, python, "verify-links")
    make(repository, python, "bundle", "BOARD=U50")


def test_verify_names_what_is_wrong_by_file_and_board(repository, web):
    built(repository)
    make(repository, "links")
    upload(repository, web)
    del web.files["/v0.1.0/fir-Pynq-Z2-0.1.0.bit"]
    web.files["/v0.1.0/fft-U50-0.1.0.xclbin"] += b"more"
    web.faults["/v0.1.0/fft-U200-0.1.0.xclbin"] = ["cut", 503, None]
    (path,) = repository.rglob("fir.hwh.link")
    data = json.loads(path.read_text())
    data["RFSoC4x2"]["md5sum"] = "0" * 32
    data["VCK190"]["size"] += 1
    path.write_text(json.dumps(data))
    result = make(repository, "verify-links", check=False)
    assert result.returncode
    lines = result.stdout.splitlines()
    assert lines[-1] == "12 of 16 published files are there and right"
    starts = [line.split(": ")[:2] for line in lines[:-1]]
    edge, pcie = "vision/notebooks/edge/", "vision/notebooks/pcie/"
    assert starts == [
        [edge + "fir.bit.link", "Pynq-Z2"],
        [edge + "fir.hwh.link", "RFSoC4x2"],
        [edge + "fir.hwh.link", "VCK190"],
        [pcie + "fft.xclbin.link", f"U50 ({U50})"],
    ]
    assert "404 Not Found" in lines[0] and f"{web.url}/v0.1.0/fir-Pynq-Z2-0.1.0.bit" in lines[0]
    assert "has md5sum" in lines[1] and "has size" in lines[2]
    assert "another file, of" in lines[3]


def test_verify_tells_what_is_still_to_come(repository):
    result = make(repository, "verify-links", check=False)
    assert result.returncode
    assert "fir.bit.link: Pynq-Z2 has no file yet; build it and type make links" in result.stdout


def test_verify_tells_what_is_stale(repository, web):
    built(repository)
    make(repository, "links")
    upload(repository, web)
    for name in ("fir", "fft"):
        run("rm", "-rf", *(repository / "boards").glob(f"*/{name}/{name}.*"))
    with open(repository / "boards/ip/fft/vadd.cpp", "a", encoding="utf-8") as file:
        file.write("// changed\n")
    result = make(repository, "verify-links")
    notes = [line for line in result.stdout.splitlines() if line.startswith("note:")]
    assert notes == [
        f"note: {board}/fft is published from other sources than today's"
        for board in ("Pynq-Z2", "RFSoC4x2", "U200", "U50", "VCK190")
    ]


def test_verify_shows_how_far_it_is_on_a_terminal(repository, web):
    built(repository)
    make(repository, "links")
    upload(repository, web)
    child = pexpect.spawn(sys.executable, ["tools/verify_links.py"], cwd=str(repository))
    child.expect("16 of 16 files verified", timeout=60)
    child.expect("16 of 16 published files are there and right", timeout=60)
    child.expect(pexpect.EOF)


# --- make bundle and what PYNQ reads -------------------------------------------------------------


@pytest.fixture(scope="module")
def bundle(rendered, tmp_path_factory):
    """The bundle for Pynq-Z2, made from the upload folder alone, and what it must deliver."""
    repository = tmp_path_factory.mktemp("bundle") / "vision"
    run("cp", "-r", rendered, repository)
    built(repository)
    make(repository, "links")
    result = make(repository, "bundle", "BOARD=Pynq-Z2")
    (wheel,) = (repository / "upload/0.1.0").glob("*.whl")
    assert f"upload/0.1.0/{wheel.name} holds all that Pynq-Z2 needs" in result.stdout
    return wheel, repository


def test_the_bundle_is_not_for_pypi(bundle):
    wheel, _ = bundle
    assert wheel.name == "vision-0.1.0+pynq.z2-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".d/" in name}
    top = "vision/notebooks/edge/"
    assert names == {
        f"{top}{overlay}.{ending}.d/{overlay}.Pynq-Z2.{ending}"
        for overlay in ("fir", "fft")
        for ending in ("bit", "hwh")
    }


@pytest.mark.parametrize("release", PYTHON_OF)
def test_a_bundle_delivers_without_a_network(bundle, pynq_in, tmp_path, release):
    """In a network namespace of its own where that is allowed; nothing answers there."""
    wheel, repository = bundle
    environment = pynq_in(release)
    site, target = tmp_path / "site", tmp_path / "delivered"
    alone = (
        ["unshare", "--net"] if run("unshare", "--net", "true", check=False).returncode == 0 else []
    )
    pip = [environment / "bin/pip", "--disable-pip-version-check", "install", "--no-index"]
    run(*alone, *pip, "--target", site, wheel)
    paths = {
        "PYTHONPATH": str(site),
        "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    command = [environment / "bin/pynq", "get-notebooks", "vision", "-p", target, "-d"]
    run(*alone, *command, "Pynq-Z2", **paths)
    for overlay in ("fir", "fft"):
        for ending in ("bit", "hwh"):
            source = repository / f"boards/Pynq-Z2/{overlay}/{overlay}.{ending}"
            delivered = target / f"vision/{overlay}.{ending}"
            assert delivered.read_bytes() == source.read_bytes()
    assert (target / "vision/fir.ipynb").exists()
    other = run(*command, "Zed", "--force", check=False, **paths)
    assert "only for Pynq-Z2, RFSoC4x2" in other.stderr


def test_a_bundle_fetches_what_is_not_at_hand(repository, web):
    built(repository)
    make(repository, "links")
    upload(repository, web)
    run("rm", "-r", repository / "upload")
    make(repository, "bundle", "BOARD=U50")
    assert {path for path, _ in web.paths()} == {
        f"/v0.1.0/{x}-U50-0.1.0.xclbin" for x in ("fir", "fft")
    }
    (wheel,) = (repository / "upload/0.1.0").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("vision-0.1.0+u50.dist-info/entry_points.txt").decode()
    assert "vision = vision.notebooks.pcie" in text


def test_a_bundle_says_what_it_lacks(repository, web):
    assert "Which board? Type make bundle BOARD=Pynq-Z2" in refused(repository, "bundle")
    text = refused(repository, "bundle", "BOARD=U50")
    assert text == "fft.xclbin of U50 has no file yet; build it and type make links"
    built(repository)
    make(repository, "links")
    run("rm", "-r", repository / "upload")
    assert "404 Not Found" in refused(repository, "bundle", "BOARD=U50")


@pytest.mark.parametrize("release", PYTHON_OF)
def test_pynqs_own_code_reads_the_links(repository, web, pynq_in, tmp_path, release):
    """Users of an older package, without our function, and PYNQ's own download at installation."""
    built(repository, ["Pynq-Z2", "U50"])
    make(repository, "links")
    upload(repository, web)
    environment = pynq_in(release)
    script = (
        "import sys\n"
        "try:\n    from pynqutils.setup_utils import deliver_notebooks\n"
        "except ImportError:\n    from pynq.utils import deliver_notebooks\n"
        "deliver_notebooks(*sys.argv[1:])\n"
    )
    for path in (repository / "vision/notebooks/edge").glob("*.pdi.link"):
        path.unlink()  # which keeps PYNQ from delivering to any board but Versal
    for platform, device in (("edge", "Pynq-Z2"), ("pcie", U50)):
        source = repository / "vision/notebooks" / platform
        target = tmp_path / platform
        subprocess.run(
            [environment / "bin/python", "-c", script, device, source, target, "vision"], check=True
        )
        board = "U50" if platform == "pcie" else device
        for ending in GOOD[board]:
            found = (target / f"fir.{ending}").read_bytes()
            assert found == (repository / f"boards/{board}/fir/fir.{ending}").read_bytes()
