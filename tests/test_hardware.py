"""make in boards/: every bitstream once, again only what has to be, and one sentence when it cannot.

Vivado, Vitis HLS and v++ are strict stand-ins (tests/vendor); make, sh and tclsh are the real ones.
"""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from helpers.hardware import Workshop, digests_of
from helpers.render import CATALOGUE, CUSTOM_BOARDS, commit_all, git, render, run

if shutil.which("tclsh") is None:
    pytest.skip("no tclsh on this machine (Debian: tcl)", allow_module_level=True)

TWO_BOARDS = {"platforms": ["edge"], "boards": ["Pynq-Z2", "ZCU104"], "overlays": ["fft"]}


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path / "workshop")


@pytest.fixture
def two_boards(template, tmp_path):
    """A repository with one overlay for a Zynq-7000 and an UltraScale+ board."""
    return render(template, tmp_path / "vision", **TWO_BOARDS)


def runs_for(board, overlay="fft"):
    return [f"vitis_hls {board}/{overlay}", f"vivado {board}/{overlay}"]


def results(repository, build):
    """Return the names of what a build left beside its Makefile."""
    return sorted(p.name for p in (repository / "boards" / build).iterdir() if p.name != "Makefile")


def digests(workshop, repository, *arguments):
    """Return the digests with the tools of `workshop` on PATH."""
    return digests_of(repository, *arguments, **workshop.environment())


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# --- what is built, and when ----------------------------------------------------------------------


def test_a_clean_build_leaves_bitstream_hwh_reports_and_digest(workshop, two_boards):
    done = workshop.make(two_boards)
    assert sorted(workshop.runs()) == sorted(runs_for("Pynq-Z2") + runs_for("ZCU104"))
    for board in ("Pynq-Z2", "ZCU104"):
        assert results(two_boards, f"{board}/fft") == [
            "fft.bit",
            "fft.digest",
            "fft.hwh",
            "reports",
        ]
        folder = two_boards / "boards" / board / "fft"
        assert sorted(path.name for path in (folder / "reports").iterdir()) == [
            "clock_interaction.rpt",
            "timing.rpt",
            "utilization.rpt",
        ]
        digest = digests(workshop, two_boards)[f"{board}/fft"]
        assert (folder / "fft.digest").read_text() == digest + "\n"
        logs = {path.name for path in (two_boards / "boards/build" / board / "fft").iterdir()}
        assert {"kernels.log", "bitstream.log", "vivado.log", "vivado.jou"} <= logs
    lines = [line for line in done.stdout.splitlines() if not line.startswith("make")]
    assert len(lines) == 4
    for line in lines:
        assert re.fullmatch(r"(Pynq-Z2|ZCU104)/fft: (kernels|bitstream) took 0:00:\d\d", line)


def test_git_sees_nothing_of_a_build(workshop, two_boards):
    commit_all(two_boards)
    workshop.make(two_boards)
    assert git(two_boards, "status", "--porcelain") == ""
    assert workshop.make(two_boards, "clean").returncode == 0
    assert git(two_boards, "status", "--porcelain", "--ignored") == ""


def test_a_second_make_runs_nothing(workshop, two_boards):
    workshop.make(two_boards)
    workshop.runs()
    again = workshop.make(two_boards)
    assert workshop.runs() == []
    assert "Pynq-Z2/fft: up to date" in again.stdout


def test_touching_every_file_runs_nothing(workshop, two_boards):
    workshop.make(two_boards)
    workshop.runs()
    for path in two_boards.rglob("*"):
        path.touch()
    workshop.make(two_boards)
    assert workshop.runs() == []


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("ip/fft/vadd.cpp", "a[i] + b[i]", "b[i] + a[i]", ["Pynq-Z2", "ZCU104"]),
        ("Pynq-Z2/fft/Makefile", "xc7z020clg400-1", "xc7z010clg400-1", ["Pynq-Z2"]),
        (
            "Pynq-Z2/fft/Makefile",
            "pynq-z2:part0:1.0",
            "pynq-z2:part0:1.1",
            ["bitstream of Pynq-Z2"],
        ),
        ("ZCU104/fft/Makefile", "FAMILY :=", "CLOCK_MHZ := 200\nFAMILY :=", ["ZCU104"]),
        ("common/design.tcl", "add_processor\n", "add_processor\n\n", ["bitstream of both"]),
        ("common/zynq.tcl", "# The last", "# The very last", ["bitstream of both"]),
        ("common/hls.tcl", "csynth_design\n", "csynth_design\n\n", ["Pynq-Z2", "ZCU104"]),
        # What no bitstream is made from.
        ("ip/fft/vadd_test.cpp", "int main", "int  main", []),
        ("Pynq-Z2/fft/Makefile", "DEVICES := Pynq-Z2", "DEVICES := Pynq-Z2 Pynq-Z2-rev2", []),
        ("Pynq-Z2/fft/Makefile", "# Keys", "# The keys", []),
        ("common/step.sh", "# Runs", "# It runs", []),
        ("settings.mk", "# VIVADO_JOBS := 4", "VIVADO_JOBS := 2", []),
    ],
)
def test_an_edit_rebuilds_what_depends_on_it(workshop, two_boards, path, old, new, expected):
    workshop.make(two_boards)
    before = digests(workshop, two_boards)
    workshop.runs()
    edit(two_boards / "boards" / path, old, new)
    workshop.boards.write_text(
        workshop.boards.read_text() + "tul.com.tw:pynq-z2:part0:1.1 xc7z020clg400-1\n"
    )
    changed = {
        name.split("/")[0] for name, d in digests(workshop, two_boards).items() if d != before[name]
    }
    if new == "xc7z010clg400-1":
        workshop.boards.write_text("tul.com.tw:pynq-z2:part0:1.0 xc7z010clg400-1\n")
    workshop.make(two_boards)
    wanted = {
        "bitstream of Pynq-Z2": ["vivado Pynq-Z2/fft"],
        "bitstream of both": ["vivado Pynq-Z2/fft", "vivado ZCU104/fft"],
        "Pynq-Z2": runs_for("Pynq-Z2"),
        "ZCU104": runs_for("ZCU104"),
    }
    assert sorted(workshop.runs()) == sorted(line for name in expected for line in wanted[name])
    text = " ".join(expected).replace("both", "Pynq-Z2 ZCU104")
    assert changed == {board for board in ("Pynq-Z2", "ZCU104") if board in text}


def test_another_release_of_the_tools_rebuilds_everything(workshop, two_boards):
    workshop.make(two_boards)
    before = digests(workshop, two_boards)
    workshop.runs()
    after = digests(workshop, two_boards, "VIVADO_VERSION=2023.2")
    assert all(after[name] != before[name] for name in before)
    workshop.make(two_boards, "VIVADO_VERSION=2023.2", VERSION="2023.2")
    assert len(workshop.runs()) == 4
    edit(
        two_boards / "boards/settings.mk", "# VIVADO_VERSION := 2023.2", "VIVADO_VERSION := 2023.2"
    )
    assert digests(workshop, two_boards) == after


def test_vitis_run_starts_the_kernels_from_2025_1_on(workshop, two_boards):
    workshop.make(two_boards, "Pynq-Z2", "VIVADO_VERSION=2025.1", VERSION="2025.1")
    assert workshop.runs() == ["vitis-run Pynq-Z2/fft", "vivado Pynq-Z2/fft"]


def test_new_files_and_renames_count_as_edits(workshop, two_boards):
    workshop.make(two_boards)
    workshop.runs()
    kernel = two_boards / "boards/ip/fft"
    (kernel / "notes.md").write_text("Not an input.\n")
    (kernel / ".hidden").write_text("Neither.\n")
    workshop.make(two_boards)
    assert workshop.runs() == []
    (kernel / "tables").mkdir()
    (kernel / "tables/sine.h").write_text("// a table\n")
    workshop.make(two_boards)
    assert len(workshop.runs()) == 4
    (kernel / "tables/sine.h").rename(kernel / "tables/cosine.h")
    workshop.make(two_boards)
    assert len(workshop.runs()) == 4
    (two_boards / "boards/ZCU104/fft/pins.xdc").write_text("# a constraint\n")
    workshop.make(two_boards)
    assert workshop.runs() == ["vivado ZCU104/fft"]


def test_make_j4_builds_each_once(workshop, template, tmp_path):
    answers = {**TWO_BOARDS, "overlays": ["fft", "resizer", "filter2d"]}
    repository = render(template, tmp_path / "vision", **answers)
    workshop.make(repository, "-j4")
    lines = workshop.runs()
    assert len(lines) == 12 and len(set(lines)) == 12
    for board in ("Pynq-Z2", "ZCU104"):
        for overlay in answers["overlays"]:
            assert f"{overlay}.bit" in results(repository, f"{board}/{overlay}")


def test_one_board_or_one_overlay_can_be_named(workshop, template, tmp_path):
    repository = render(
        template, tmp_path / "vision", **{**TWO_BOARDS, "overlays": ["fft", "resizer"]}
    )
    workshop.make(repository, "Pynq-Z2/resizer")
    assert workshop.runs() == runs_for("Pynq-Z2", "resizer")
    workshop.make(repository, "ZCU104/")
    assert workshop.runs() == runs_for("ZCU104") + runs_for("ZCU104", "resizer")
    run("make", "-C", repository / "boards/Pynq-Z2/fft", **workshop.environment())
    assert workshop.runs() == runs_for("Pynq-Z2")
    edit(repository / "boards/ip/fft/vadd.cpp", "a[i] + b[i]", "b[i] + a[i]")
    listed = workshop.make(repository, "-s", "list").stdout.splitlines()
    assert [line.split(None, 2)[::2] for line in listed] == [
        ["Pynq-Z2/fft", "out of date"],
        ["Pynq-Z2/resizer", "built"],
        ["ZCU104/fft", "out of date"],
        ["ZCU104/resizer", "built"],
    ]


def test_a_wrong_name_gets_a_sentence(workshop, two_boards):
    failed = workshop.make(two_boards, "Pynq-Z9", check=False)
    assert failed.returncode != 0
    assert (
        "No board or overlay is called Pynq-Z9. There are Pynq-Z2/fft ZCU104/fft" in failed.stderr
    )
    failed = workshop.make(two_boards, "BOARD=Pynq-Z2", check=False)
    assert "Type `make Pynq-Z2`, without BOARD=" in failed.stderr


def test_a_path_with_spaces_works(workshop, two_boards, tmp_path):
    moved = two_boards.rename(tmp_path / "my work")
    workshop.make(moved)
    assert len(workshop.runs()) == 4
    workshop.make(moved)
    assert workshop.runs() == []


def test_a_fresh_clone_keeps_what_is_good(workshop, two_boards, tmp_path):
    """Digests need no tool, and results that were copied beside the Makefile are not built again."""
    commit_all(two_boards)
    workshop.make(two_boards)
    workshop.runs()
    clone = tmp_path / "elsewhere"
    git(tmp_path, "clone", "-q", two_boards, clone)
    assert digests(workshop, clone) == digests(workshop, two_boards)
    for name in ("fft.hwh", "fft.bit", "fft.digest"):
        shutil.copy(two_boards / "boards/Pynq-Z2/fft" / name, clone / "boards/Pynq-Z2/fft" / name)
    workshop.make(clone)
    assert workshop.runs() == runs_for("ZCU104")


def test_inputs_need_no_vendor_tool(two_boards):
    lines = run("make", "-s", "-C", two_boards / "boards", "inputs").stdout.splitlines()
    assert len(lines) == 2
    assert all(re.fullmatch(r"[0-9a-f]{64}  (Pynq-Z2|ZCU104)/fft", line) for line in lines)
    assert not (two_boards / "boards/build").exists()


def test_a_lost_result_is_built_again(workshop, two_boards):
    workshop.make(two_boards)
    workshop.runs()
    (two_boards / "boards/ZCU104/fft/fft.hwh").unlink()
    workshop.make(two_boards)
    assert workshop.runs() == ["vivado ZCU104/fft"]


def test_clean_removes_what_was_built_and_nothing_else(workshop, two_boards):
    commit_all(two_boards)
    keep = two_boards / "boards/Pynq-Z2/fft/fft.xdc"
    keep.write_text("# a constraint\n")
    workshop.make(two_boards)
    workshop.make(two_boards, "clean")
    assert results(two_boards, "Pynq-Z2/fft") == ["fft.xdc"]
    assert results(two_boards, "ZCU104/fft") == []
    assert not (two_boards / "boards/build").exists()


# --- every board ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "overlays", [["fft"], ["fft", "resizer"]], ids=["one overlay", "two overlays"]
)
def test_every_board_of_the_catalogue_is_built_for_its_own_part(
    workshop, template, tmp_path, overlays
):
    repository = render(
        template,
        tmp_path / "vision",
        boards=[board["name"] for board in CATALOGUE],
        custom_boards=CUSTOM_BOARDS,
        overlays=overlays,
    )
    boards = CATALOGUE + CUSTOM_BOARDS
    release = {"versal": "2025.2", "awsf1": "2021.2"}
    for board in boards:
        version = release.get(
            board["family"], "2022.1" if board["platform"] == "pcie" else "2024.1"
        )
        arguments = ["S3_BUCKET=somebody"] if board["family"] == "awsf1" else []
        settings = {"VERSION": version, "VPP_VERSION": version}
        workshop.make(
            repository, board["name"], f"GOLDEN_DIR={workshop.golden}", *arguments, **settings
        )
        for overlay in overlays:
            folder = repository / "boards" / board["name"] / overlay
            found = results(repository, f"{board['name']}/{overlay}")
            if board["platform"] == "pcie":
                ending = "awsxclbin" if board["family"] == "awsf1" else "xclbin"
                assert set(found) == {f"{overlay}.{ending}", f"{overlay}.digest", "reports"}
                assert (folder / f"{overlay}.{ending}").read_bytes().startswith(b"xclbin2\0")
                continue
            ending = "pdi" if board["family"] == "versal" else "bit"
            assert set(found) == {f"{overlay}.{e}" for e in (ending, "hwh", "digest")} | {"reports"}
            image = (folder / f"{overlay}.{ending}").read_bytes()
            device = re.match(r"(xc\w+?)-?((?:clg|sbva|sfvc|ubva|ff|fs|vs)\w*)", board["part"])
            assert (device[1].removeprefix("xc")).encode() in image
            assert board["board_part"] in (folder / f"{overlay}.hwh").read_text()
    # All of it again, in one go: nothing is left to do.
    workshop.runs()
    workshop.make(repository, f"GOLDEN_DIR={workshop.golden}")
    assert workshop.runs() == []


def test_aws_f1_is_left_out_unless_it_is_named(workshop, template, tmp_path):
    repository = render(
        template, tmp_path / "vision", platforms=["pcie"], boards=["AWS-F1", "U200"]
    )
    done = workshop.make(repository)
    assert "AWS-F1/vision: left out; AWS retired F1 on 2025-12-20" in done.stdout
    assert {line.split()[-1] for line in workshop.runs()} == {"U200/vision"}
    failed = workshop.make(repository, "AWS-F1", check=False)
    assert failed.returncode != 0 and "who still can sets S3_BUCKET" in failed.stderr
    assert workshop.runs() == []


def test_a_custom_board_builds_with_its_own_board_files(workshop, template, tmp_path):
    """BOARD_REPO is searched, and the newest version of the board's files wins."""
    board = {**CUSTOM_BOARDS[0], "board_part": "acme.com:myboard:part0:1.0"}
    repository = render(
        template, tmp_path / "vision", platforms=["edge"], boards=[], custom_boards=[board]
    )
    workshop.install(CATALOGUE)
    workshop.boards.write_text(workshop.boards.read_text() + f"- {board['part']}\n")
    failed = workshop.make(repository, check=False)
    assert (
        "MyBoard/vision: Vivado has no board files for acme.com:myboard; install" in failed.stderr
    )
    assert results(repository, "MyBoard/vision") == []
    for version in ("1.2", "1.10"):
        folder = repository / "boards/board files" / version
        folder.mkdir(parents=True)
        (folder / "board.xml").write_text(
            f'<board schema_version="2.2" vendor="acme.com" name="myboard" display_name="My Board">\n'
            f"<file_version>{version}</file_version>\n"
            f'<component name="part0" display_name="FPGA" type="fpga" part_name="{board["part"]}"/>\n</board>\n'
        )
    workshop.make(repository, "BOARD_REPO=board files")
    handoff = (repository / "boards/MyBoard/vision/vision.hwh").read_text()
    assert "acme.com:myboard:part0:1.10" in handoff
    failed = workshop.make(repository, "clean", "all", "BOARD_REPO=nowhere", check=False)
    assert "MyBoard/vision: BOARD_REPO=nowhere is no folder" in failed.stderr


def test_a_vendor_that_was_renamed_is_found(workshop, two_boards):
    workshop.boards.write_text(
        "other.org:pynq-z2:part0:2.0 xc7z020clg400-1\ntul.com.tw:pynq-z2:part0:1.0 xc7z020clg400-1\n"
    )
    workshop.make(two_boards, "Pynq-Z2")
    handoff = two_boards / "boards/Pynq-Z2/fft/fft.hwh"
    assert "tul.com.tw:pynq-z2:part0:1.0" in handoff.read_text()
    workshop.boards.write_text("other.org:pynq-z2:part0:2.0 xc7z020clg400-1\n")
    workshop.make(two_boards, "clean")
    workshop.make(two_boards, "Pynq-Z2")
    assert "other.org:pynq-z2:part0:2.0" in handoff.read_text()


def test_board_files_for_another_part_are_refused(workshop, two_boards):
    edit(two_boards / "boards/Pynq-Z2/fft/Makefile", "xc7z020clg400-1", "xc7z010clg400-1")
    failed = workshop.make(two_boards, "Pynq-Z2", check=False)
    assert failed.returncode != 0
    assert (
        "tul.com.tw:pynq-z2:part0:1.0 are for xc7z020clg400-1, and PART is xc7z010clg400-1"
        in failed.stderr
    )


# --- failures -------------------------------------------------------------------------------------


def sentences(process):
    """Return what a user reads of a failure: stderr without make's own lines."""
    return [line for line in process.stderr.splitlines() if not line.startswith("make")]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SLACK": "-0.123 0.03"}, "setup slack -0.123 ns"),
        ({"SLACK": "0.5 -0.011"}, "hold slack -0.011 ns"),
        ({"PULSE": "1"}, "pulses too narrow"),
        ({"SKEW": "1"}, "bus skew"),
        ({"UNSAFE": "1"}, "unsafe clock crossings"),
    ],
)
def test_timing_that_is_not_met_leaves_no_bitstream(workshop, two_boards, settings, words):
    workshop.make(two_boards)
    edit(two_boards / "boards/ip/fft/vadd.cpp", "a[i] + b[i]", "b[i] + a[i]")
    failed = workshop.make(two_boards, "Pynq-Z2", check=False, **settings)
    assert failed.returncode != 0
    (sentence,) = sentences(failed)
    assert sentence.startswith(f"Pynq-Z2/fft: timing was not met ({words}), see ")
    assert "ALLOW_TIMING_FAILURE=1" in sentence
    assert results(two_boards, "Pynq-Z2/fft") == []
    reports = re.search(r"see (.*?);", sentence)[1]
    assert "timing.rpt" in os.listdir(reports)
    workshop.runs()

    marked = [
        "fft-timing-failed.bit",
        "fft-timing-failed.digest",
        "fft-timing-failed.hwh",
        "reports",
    ]
    allow = ("Pynq-Z2", "ALLOW_TIMING_FAILURE=1")
    workshop.make(two_boards, *allow, **settings)
    assert results(two_boards, "Pynq-Z2/fft") == marked
    assert workshop.runs() == ["vivado Pynq-Z2/fft"]
    workshop.make(two_boards, *allow, **settings)
    assert workshop.runs() == []
    # It counts for nobody who did not ask for it, and gives way to a good one.
    workshop.make(two_boards, "Pynq-Z2")
    assert results(two_boards, "Pynq-Z2/fft") == ["fft.bit", "fft.digest", "fft.hwh", "reports"]


def test_a_design_without_constrained_paths_is_no_failure(workshop, two_boards):
    workshop.make(two_boards, "Pynq-Z2", SLACK="none none")
    assert "fft.bit" in results(two_boards, "Pynq-Z2/fft")


def test_a_card_whose_timing_is_not_met_gets_no_xclbin(workshop, template, tmp_path):
    repository = render(template, tmp_path / "vision", platforms=["pcie"], boards=["U200"])
    failed = workshop.make(repository, check=False, SLACK="-0.2 0")
    (sentence,) = sentences(failed)
    assert sentence.startswith("U200/vision: timing was not met: ERROR: [VPL 101-2]")
    assert results(repository, "U200/vision") == []
    workshop.make(repository, "ALLOW_TIMING_FAILURE=1", SLACK="-0.2 0")
    assert "vision-timing-failed.xclbin" in results(repository, "U200/vision")
    edit(
        repository / "boards/ip/vision/link.cfg",
        "[connectivity]",
        "[advanced]\nparam=compiler.skipTimingCheckAndFrequencyScaling=1\n[connectivity]",
    )
    failed = workshop.make(repository, check=False)
    assert "link.cfg turns off the check of timing" in failed.stderr


@pytest.mark.parametrize("stage", ["kernels", "synth_1", "impl_1"])
def test_a_failed_run_leaves_nothing_and_shows_its_log(workshop, two_boards, stage):
    workshop.make(two_boards)
    edit(two_boards / "boards/ip/fft/vadd.cpp", "a[i] + b[i]", "b[i] + a[i]")
    failed = workshop.make(two_boards, check=False, BREAK=f"Pynq-Z2/fft {stage} fail")
    assert failed.returncode != 0
    *shown, sentence = sentences(failed)
    step = "kernels" if stage == "kernels" else "bitstream"
    assert re.match(
        rf"Pynq-Z2/fft: {step} failed after 0:00:\d\d with status 1: ERROR: \[", sentence
    )
    assert "[Place 30-494] The design does not fit" in sentence
    log = Path(re.search(r"\(log: (.*)\)$", sentence)[1])
    assert log == two_boards / f"boards/build/Pynq-Z2/fft/{step}.log"
    assert shown == log.read_text().splitlines()[-15:]
    assert results(two_boards, "Pynq-Z2/fft") == []
    workshop.make(two_boards)
    assert "fft.bit" in results(two_boards, "Pynq-Z2/fft")


def test_one_failing_board_does_not_hold_up_the_others_with_k(workshop, two_boards):
    failed = workshop.make(two_boards, "-k", check=False, BREAK="Pynq-Z2/fft synth_1 fail")
    assert failed.returncode != 0
    assert results(two_boards, "Pynq-Z2/fft") == []
    assert "fft.bit" in results(two_boards, "ZCU104/fft")


@pytest.mark.parametrize("stage", ["kernels", "synth_1"])
def test_a_refused_licence_is_one_sentence(workshop, two_boards, stage):
    failed = workshop.make(two_boards, check=False, BREAK=f"Pynq-Z2/fft {stage} licence")
    (sentence,) = sentences(failed)
    assert sentence.startswith(
        "Pynq-Z2/fft: the tools were refused a licence: ERROR: [Common 17-345]"
    )
    assert results(two_boards, "Pynq-Z2/fft") == []


def test_a_full_disk_is_one_sentence(workshop, two_boards, tmp_path):
    """On a real file system of 4 MB."""
    build = two_boards / "boards/build"
    build.mkdir()
    mounted = run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", build, check=False)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small file system here: {mounted.stderr.strip()}")
    try:
        failed = workshop.make(two_boards, "Pynq-Z2", check=False, BREAK="Pynq-Z2/fft impl_1 disk")
        (sentence,) = sentences(failed)
        assert sentence.startswith(f"Pynq-Z2/fft: the disk with {build}/Pynq-Z2/fft is full")
        assert results(two_boards, "Pynq-Z2/fft") == []
    finally:
        run("umount", build)


@pytest.mark.parametrize("tool", ["vitis_hls", "vivado"])
def test_a_missing_tool_is_one_sentence_and_nothing_is_touched(workshop, two_boards, tool):
    workshop.make(two_boards)
    edit(two_boards / "boards/ip/fft/vadd.cpp", "a[i] + b[i]", "b[i] + a[i]")
    (workshop.bin / tool).unlink()
    workshop.runs()
    failed = workshop.make(two_boards, check=False)
    assert failed.returncode != 0
    assert sentences(failed) == [
        f"Pynq-Z2/fft: no {tool} here; source settings64.sh of the 2024.1 release or put the tool on PATH"
    ]
    assert workshop.runs() == []
    assert "fft.bit" in results(two_boards, "Pynq-Z2/fft")


def test_a_wrong_release_is_one_sentence(workshop, two_boards):
    failed = workshop.make(two_boards, check=False, VERSION="2022.1")
    (sentence,) = sentences(failed)
    assert sentence.startswith(
        "Pynq-Z2/fft: vitis_hls is of release 2022.1 and this build asks for 2024.1"
    )
    assert sentence.endswith("or set VIVADO_VERSION=2022.1")
    assert workshop.runs() == [] and not (two_boards / "boards/build").exists()
    workshop.make(two_boards, "VIVADO_VERSION=2022.1", VERSION="2022.1")
    assert len(workshop.runs()) == 4


def test_an_fpga_that_is_not_installed_is_one_sentence(workshop, two_boards):
    workshop.install([board for board in CATALOGUE if board["name"] != "ZCU104"])
    (sentence,) = sentences(workshop.make(two_boards, "ZCU104", check=False))
    assert sentence.startswith(
        "ZCU104/fft: the tools were installed without this FPGA: ERROR: [HLS 200-"
    )
    assert "xczu7ev-ffvc1156-2-e" in sentence


def test_a_platform_that_is_not_installed_is_one_sentence(workshop, template, tmp_path):
    repository = render(template, tmp_path / "vision", platforms=["pcie"], boards=["U50"])
    workshop.platforms.write_text("xilinx_u200_xdma_201830_2\n")
    (sentence,) = sentences(workshop.make(repository, check=False))
    assert sentence.startswith(
        "U50/vision: v++ cannot build for this platform: ERROR: [v++ 60-1258]"
    )
    assert "xilinx_u50_gen3x16_xdma_201920_3" in sentence


def test_versal_needs_the_golden_design(workshop, template, tmp_path):
    repository = render(template, tmp_path / "vision", platforms=["edge"], boards=["VCK190"])
    (sentence,) = sentences(workshop.make(repository, check=False))
    assert sentence.startswith("VCK190/vision: GOLDEN_DIR= must be a folder with golden_ref.tcl")
    golden = f"GOLDEN_DIR={workshop.golden}"
    (workshop.golden / "golden_noc.ncr").rename(workshop.golden / "away")
    (sentence,) = sentences(workshop.make(repository, golden, check=False))
    assert str(workshop.golden) in sentence
    (workshop.golden / "away").rename(workshop.golden / "golden_noc.ncr")
    assert workshop.runs() == []
    failed = workshop.make(repository, golden, check=False, VERSION="2025.2", VERIFY="0")
    (sentence,) = sentences(failed)
    assert "the design does not fit the golden one" in sentence and "Dfx 88-139" in sentence
    workshop.make(repository, golden, VERSION="2025.2")
    assert "vision.pdi" in results(repository, "VCK190/vision")
    workshop.runs()
    # Good on a machine without the golden design, stale where the image was built anew.
    workshop.make(repository)
    assert workshop.runs() == []
    (workshop.golden / "golden_routed.dcp").write_text("another image\n")
    workshop.make(repository, golden, VERSION="2025.2")
    assert workshop.runs() == ["vivado VCK190/vision"]


def test_an_overlay_without_kernel_and_design_gets_a_sentence(workshop, two_boards):
    (two_boards / "boards/ip/fft/vadd.cpp").unlink()
    (sentence,) = sentences(workshop.make(two_boards, check=False))
    assert sentence.startswith(
        "Pynq-Z2/fft: boards/ip/fft has no kernel (a .cpp file) and no design.tcl"
    )


def test_a_copied_board_folder_has_to_say_its_own_name(workshop, two_boards):
    boards = two_boards / "boards"
    shutil.copytree(boards / "ZCU104", boards / "MyZU")
    failed = workshop.make(two_boards, "MyZU", check=False)
    assert "BOARD and OVERLAY say ZCU104/fft, and the folder is boards/MyZU/fft" in failed.stderr
    edit(boards / "MyZU/fft/Makefile", "BOARD := ZCU104", "BOARD := MyZU")
    workshop.make(two_boards, "MyZU")
    assert workshop.runs() == runs_for("MyZU")
    edit(boards / "MyZU/fft/Makefile", "FAMILY := zynquplus", "FAMILY := zynqplus")
    failed = workshop.make(two_boards, "MyZU", check=False)
    assert "MyZU/fft: FAMILY is zynqplus, and can be zynq, zynquplus" in failed.stderr


def test_a_source_that_changes_meanwhile_leaves_no_result(workshop, two_boards):
    fifo = workshop.folder / "fifo"
    os.mkfifo(fifo)
    kernel = two_boards / "boards/ip/fft/vadd.cpp"
    edit(workshop.bin / "vivado", "record ", "exec cat $env(STANDIN_FIFO)\nrecord ")
    building = workshop.start(two_boards, "Pynq-Z2", FIFO=fifo)
    with fifo.open("w"):  # opens when the stand-in reads, so the build is under way
        edit(kernel, "a[i] + b[i]", "b[i] + a[i]")
    output, _ = building.communicate()
    assert building.returncode != 0
    assert "Pynq-Z2/fft: a source changed while it was built" in output
    assert results(two_boards, "Pynq-Z2/fft") == []


@pytest.mark.parametrize("stage", ["kernels", "impl_1"])
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_build_killed_half_way_leaves_nothing(workshop, two_boards, stage, way):
    workshop.make(two_boards)
    edit(two_boards / "boards/ip/fft/vadd.cpp", "a[i] + b[i]", "b[i] + a[i]")
    fifo = workshop.folder / "fifo"
    os.mkfifo(fifo)
    building = workshop.start(two_boards, "Pynq-Z2", FIFO=fifo, BREAK=f"Pynq-Z2/fft {stage} pause")
    assert fifo.read_text().startswith("Pynq-Z2/fft ")
    os.killpg(building.pid, way)
    building.communicate()
    assert results(two_boards, "Pynq-Z2/fft") == []
    assert "fft.bit" in results(two_boards, "ZCU104/fft")
    workshop.runs()
    workshop.make(two_boards, "Pynq-Z2")
    assert workshop.runs() == runs_for("Pynq-Z2")[0 if stage == "kernels" else 1 :]
    assert "fft.bit" in results(two_boards, "Pynq-Z2/fft")


def test_a_tool_that_outlives_its_make_is_not_disturbed(workshop, two_boards):
    fifo = workshop.folder / "fifo"
    os.mkfifo(fifo)
    building = workshop.start(two_boards, "Pynq-Z2", FIFO=fifo, BREAK="Pynq-Z2/fft impl_1 pause")
    tool = int(fifo.read_text().split()[1])
    building.kill()
    building.wait()
    build = two_boards / "boards/build/Pynq-Z2/fft"
    before = sorted(path.name for path in build.iterdir())
    (sentence,) = sentences(workshop.make(two_boards, "Pynq-Z2", check=False))
    assert sentence.startswith("Pynq-Z2/fft: is being built")
    assert sorted(path.name for path in build.iterdir()) == before
    os.kill(tool, signal.SIGKILL)
    building.stdout.read()  # ends when the last process that make left behind has ended
    workshop.make(two_boards, "Pynq-Z2")
    assert "fft.bit" in results(two_boards, "Pynq-Z2/fft")


# --- the owner's own design -----------------------------------------------------------------------


def test_several_kernels_are_all_in_the_default_design(workshop, template, tmp_path):
    repository = render(template, tmp_path / "vision", boards=["Pynq-Z2", "U200"])
    source = repository / "boards/ip/vision/vadd.cpp"
    (source.parent / "vsub.cpp").write_text(source.read_text().replace("vadd", "vsub"))
    workshop.make(repository)
    handoff = (repository / "boards/Pynq-Z2/vision/vision.hwh").read_text()
    for cell in ("vadd_1", "vsub_1"):
        assert f'FULLNAME="/{cell}"' in handoff
    assert b"vadd_1 vsub_1" in (repository / "boards/U200/vision/vision.xclbin").read_bytes()


def documented(title):
    """Return the files of an example in docs/build.md: a path in bold, then its text."""
    docs = (Path(__file__).parents[1] / "docs/build.md").read_text()
    section = docs.split(f"### {title}\n")[1].split("\n### ")[0].split("\n## ")[0]
    return dict(re.findall(r"^`(\S+)`:\n\n```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("title", ["More than kernels", "RTL instead of C++"])
@pytest.mark.parametrize("board", ["Pynq-Z2", "ZCU104"])
def test_the_designs_in_the_docs_build(workshop, template, tmp_path, title, board):
    repository = render(template, tmp_path / "my-overlay", boards=["Pynq-Z2", "ZCU104", "U200"])
    files = documented(title)
    assert any(name.endswith("design.tcl") for name in files)
    if title.startswith("RTL"):
        for name in ("vadd.cpp", "vadd_test.cpp"):
            (repository / "boards/ip/my_overlay" / name).unlink()
    for name, text in files.items():
        path = repository / name.replace("Pynq-Z2", board)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    workshop.make(repository, board)
    image = (repository / "boards" / board / "my_overlay/my_overlay.bit").read_bytes()
    assert b".xdc" in image
    workshop.runs()
    workshop.make(repository, board)
    assert workshop.runs() == []


def test_a_design_in_the_boards_folder_is_for_that_board_alone(workshop, two_boards):
    workshop.make(two_boards)
    workshop.runs()
    boards = two_boards / "boards"
    (boards / "ZCU104/fft/design.tcl").write_text("add_processor\nadd_kernel vadd\n# mine\n")
    workshop.make(two_boards)
    assert workshop.runs() == ["vivado ZCU104/fft"]
    (boards / "ip/fft/design.tcl").write_text("add_processor\nadd_kernel vadd\n# everybody's\n")
    workshop.make(two_boards)
    assert workshop.runs() == ["vivado Pynq-Z2/fft"]


def test_a_design_finds_the_boards_own_settings(workshop, two_boards):
    makefile = two_boards / "boards/Pynq-Z2/fft/Makefile"
    edit(makefile, "FAMILY", "LEDS := 4\nDESIGN_SETTINGS := LEDS\nFAMILY")
    design = two_boards / "boards/ip/fft/design.tcl"
    design.write_text('add_processor\nadd_kernel vadd\nif {$LEDS != 4} {\n    stop "no LEDS"\n}\n')
    workshop.make(two_boards, "Pynq-Z2")
    workshop.runs()
    edit(makefile, "LEDS := 4", "LEDS := 8")
    failed = workshop.make(two_boards, "Pynq-Z2", check=False)
    assert sentences(failed)[0].startswith("Pynq-Z2/fft: no LEDS")
    assert workshop.runs() == ["vivado Pynq-Z2/fft"]


def test_a_card_may_have_its_own_link_configuration(workshop, template, tmp_path):
    repository = render(template, tmp_path / "vision", platforms=["pcie"], boards=["U200", "U50"])
    workshop.make(repository)
    workshop.runs()
    own = repository / "boards/U50/vision/link.cfg"
    own.write_text("[connectivity]\nnk=vadd:1:vadd_1\nsp=vadd_1.a:HBM[0]\nsp=vadd_1.b:HBM[1]\n")
    workshop.make(repository)
    assert workshop.runs() == ["v++ -l U50/vision", "v++ -p U50/vision"]
    own.write_text("[connectivity]\nnk=vsub:1:vadd_1\n")
    failed = workshop.make(repository, check=False)
    assert failed.returncode != 0 and "nk=vsub:1:vadd_1" in failed.stderr


# --- elsewhere ------------------------------------------------------------------------------------


def test_launch_needs_nothing_from_the_shell_that_typed_make(workshop, two_boards):
    """What a container or a queue may drop, the environment, is not how the build is told things."""
    keep = " ".join(
        f"{k}='{v}'" for k, v in workshop.environment().items() if k.startswith("STANDIN")
    )
    launcher = f"env -i -C \"$$PWD\" PATH='{workshop.bin}:{os.environ['PATH']}' {keep}"
    bare = {**os.environ, "BOARD_REPO": "", "CLOCK_MHZ": "250"}
    command = ["make", "-C", str(two_boards / "boards"), "Pynq-Z2", f"LAUNCH={launcher}"]
    done = subprocess.run(command, env=bare, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert workshop.runs() == runs_for("Pynq-Z2")
    core = two_boards / "boards/build/Pynq-Z2/fft/hls/vadd/solution/impl/ip/component.xml"
    assert "<period>4.0</period>" in core.read_text()


def test_a_tool_is_checked_where_launch_runs_it(workshop, two_boards):
    launch = f"LAUNCH=env PATH={os.environ['PATH']}"
    failed = workshop.make(two_boards, launch, check=False)
    (sentence,) = sentences(failed)
    assert sentence.startswith(
        "Pynq-Z2/fft: no vitis_hls here; source settings64.sh of the 2024.1 release"
    )


def test_variables_of_the_shell_do_not_mix_boards_up(workshop, template, tmp_path):
    repository = render(template, tmp_path / "vision", boards=["Pynq-Z2", "U200"])
    plain = digests(workshop, repository)
    foreign = {
        name: "foreign"
        for name in ("BOARD", "PLATFORM", "PART", "KERNELS", "DESIGN", "GOLDEN", "FAMILY")
    }
    assert digests_of(repository, **workshop.environment(), **foreign) == plain
