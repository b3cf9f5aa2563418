"""The stand-ins are strict: what the real tools would refuse, they refuse, so the builds' tests mean something."""

import re
import shutil

import pytest
from helpers.hardware import CONDITIONS, PRESETS, Workshop, real_cores
from helpers.render import TEMPLATE, render

if shutil.which("tclsh") is None:
    pytest.skip("no tclsh on this machine (Debian: tcl)", allow_module_level=True)


@pytest.fixture(scope="module")
def repository(template, tmp_path_factory):
    """A repository with a board of each kind that is built in a way of its own."""
    answers = {"boards": ["Pynq-Z2", "ZCU104", "VCK190", "U200"], "overlays": ["fft"]}
    return render(template, tmp_path_factory.mktemp("seeded") / "vision", **answers)


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path / "workshop")


def outcomes(workshop, repository, board):
    """Build with timing met and with timing missed; return the outcomes, True for a result."""
    version = {"VCK190": "2025.2", "U200": "2022.1"}.get(board, "2024.1")
    found = []
    for slack in ("0.5 0.03", "-0.5 0.03"):
        settings = {"VERSION": version, "VPP_VERSION": version, "SLACK": slack}
        workshop.make(repository, "clean")
        golden = f"GOLDEN_DIR={workshop.golden}"
        done = workshop.make(repository, board, golden, check=False, **settings)
        left = any((repository / "boards" / board / "fft").glob("fft.*"))
        assert left == (done.returncode == 0)
        found.append(left)
    return found


@pytest.mark.parametrize("board", ["Pynq-Z2", "ZCU104", "VCK190", "U200"])
def test_the_flow_as_it_is_builds_and_stops_at_missed_timing(workshop, repository, board):
    assert outcomes(workshop, repository, board) == [True, False]


# file, what stands there, what a slip would make of it, the board that has to notice.
FAULTS = [
    # Commands
    ("vivado.tcl", "update_compile_order", "update_compile_ordre", "Pynq-Z2"),
    ("vivado.tcl", "validate_bd_design", "validate_bd", "ZCU104"),
    ("hls.tcl", "csynth_design", "csynth", "Pynq-Z2"),
    ("versal.tcl", "pr_verify [", "verify_pr [", "VCK190"),
    # Options
    ("vivado.tcl", "-part $::PART", "-prat $::PART", "Pynq-Z2"),
    ("vivado.tcl", "-to_step $step", "-to-step $step", "Pynq-Z2"),
    ("vivado.tcl", "-import -fileset", "-imports -fileset", "Pynq-Z2"),
    ("vivado.tcl", "-delay_type min_max -no_header", "-delay min_max -no_header", "Pynq-Z2"),
    ("connect.tcl", "-vlnv [lindex", "-vnlv [lindex", "ZCU104"),
    ("hls.tcl", "-format ip_catalog", "-formats ip_catalog", "Pynq-Z2"),
    ("hls.tcl", "-flow_target vivado", "-flow_target vivadoo", "Pynq-Z2"),
    ("vivado.mk", "-mode batch", "-mdoe batch", "Pynq-Z2"),
    ("vivado.mk", "-f)", "-g)", "Pynq-Z2"),
    ("vitis.mk", "--temp_dir", "--tempdir", "U200"),
    ("vitis.mk", "-c -k $1", "-c -kernel $1", "U200"),
    ("versal.tcl", "-target_address_space $space", "-address_space $space", "VCK190"),
    # Arguments
    ("zynq.tcl", '"1"\n        } $ps', '"1"\n        }', "ZCU104"),
    (
        "zynq.tcl",
        "CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ $::CLOCK_MHZ]",
        "CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ]",
        "Pynq-Z2",
    ),
    ("vivado.tcl", "open_run impl_1", "open_run", "Pynq-Z2"),
    (
        "vivado.tcl",
        "set_property top $::top [current_fileset]",
        "set_property top $::top",
        "Pynq-Z2",
    ),
    ("hls.tcl", "set_top $kernel", "set_top", "Pynq-Z2"),
    ("hls.tcl", "$kernel.cpp", "$kernel.cc", "Pynq-Z2"),
    (
        "connect.tcl",
        "connect_bd_net [get_bd_pins $::processor(clock)] ",
        "connect_bd_net ",
        "ZCU104",
    ),
    ("vivado.tcl", "wait_on_run $name", "wait_on_run", "Pynq-Z2"),
    # Names: cores, parameters, pins, rules, properties, runs, steps
    ("zynq.tcl", "ip:processing_system7 ps", "ip:processing_system ps", "Pynq-Z2"),
    ("zynq.tcl", "PCW_USE_S_AXI_HP0", "PCW_USE_S_AXI_HPO", "Pynq-Z2"),
    ("zynq.tcl", "PSU__USE__S_AXI_GP2 1", "PSU__USE__S_AXI_HP0 1", "ZCU104"),
    ("zynq.tcl", "ps/FCLK_CLK0", "ps/FCLK0", "Pynq-Z2"),
    ("zynq.tcl", "ps/saxihp0_fpd_aclk", "ps/saxihp0_aclk", "ZCU104"),
    ("zynq.tcl", "reset/ext_reset_in", "reset/ext_reset", "ZCU104"),
    ("zynq.tcl", "bd_rule:zynq_ultra_ps_e", "bd_rule:zynq_ultra_ps", "ZCU104"),
    ("zynq.tcl", 'make_external "FIXED_IO, DDR"', 'make_externals "FIXED_IO, DDR"', "Pynq-Z2"),
    ("connect.tcl", "hls:$kernel", "ip:$kernel", "Pynq-Z2"),
    ("connect.tcl", "$cell/ap_rst_n", "$cell/ap_rst", "Pynq-Z2"),
    ("connect.tcl", "CONFIG.NUM_$many", "CONFIG.NUMBER_$many", "Pynq-Z2"),
    ("versal.tcl", "pl_tieoff_dma0", "pl_tieoff_dma", "VCK190"),
    ("versal.tcl", "segmented_configuration", "segmented_config", "VCK190"),
    ("versal.tcl", "NOC_SOLUTION_FILE", "NOC_FILE", "VCK190"),
    ("versal.tcl", "C0_DDR_LOW1", "C0_DDR_LOW2", "VCK190"),
    ("vivado.tcl", "get_property PROGRESS", "get_property PROGRES", "Pynq-Z2"),
    ("vivado.tcl", "run synth_1\n", "run synth1\n", "Pynq-Z2"),
    ("zynq.tcl", "image_step write_bitstream", "image_step write_bit", "Pynq-Z2"),
    ("versal.tcl", "*_pld.pdi", "*_pl.pdi", "VCK190"),
    ("vivado.tcl", "board.repoPaths", "board.repoPath", "board repo"),
    # Order, and steps left out
    ("vivado.tcl", "    assign_addresses\n", "", "VCK190"),
    ("vivado.tcl", "    save_bd_design\n", "", "Pynq-Z2"),
    ("vivado.tcl", "run synth_1\n", "", "Pynq-Z2"),
    ("vivado.tcl", "        update_ip_catalog\n", "", "Pynq-Z2"),
    ("vivado.tcl", "close_design\n", "", "Pynq-Z2"),
    ("vivado.tcl", "set_property board_part $newest [current_project]\n", "\n", "ZCU104"),
    ("versal.tcl", "set_property segmented_configuration true [current_project]", "", "VCK190"),
    ("zynq.tcl", "            CONFIG.PSU__USE__M_AXI_GP1 0 \\\n", "", "ZCU104"),
    ("zynq.tcl", "            CONFIG.PSU__FPGA_PL0_ENABLE 1 \\\n", "", "ZCU104"),
    ("hls.tcl", "    set_part $PART\n", "", "Pynq-Z2"),
    ("hls.tcl", "    export_design -format ip_catalog\n", "", "Pynq-Z2"),
    ("connect.tcl", "        connect_clock $side/aclk $side/aresetn\n", "", "Pynq-Z2"),
    ("vivado.mk", "    @$(step) bitstream", "	@: $(step) bitstream", "Pynq-Z2"),
    # The check of timing
    ("vivado.tcl", "$slack < 0", "$slack > 0", "Pynq-Z2"),
    ("vivado.tcl", "setup max hold min", "hold min", "Pynq-Z2"),
    ("vivado.tcl", "[llength $problems] > 0", "[llength $problems] > 1", "Pynq-Z2"),
    ("vivado.tcl", "get_property SLACK", "get_property SLAK", "Pynq-Z2"),
    ("vivado.tcl", "set problems [timing_problems result/reports]", "set problems {}", "Pynq-Z2"),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "board"), FAULTS, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(FAULTS)]
)
def test_a_seeded_fault_is_caught(workshop, repository, name, old, new, board):
    path = repository / "boards/common" / name
    right = path.read_text()
    old, new = old.replace("    @$(step)", "	@$(step)"), new
    assert old in right
    path.write_text(right.replace(old, new))
    try:
        if board == "board repo":
            (workshop.folder / "repo").mkdir()
            done = workshop.make(
                repository, "Pynq-Z2", f"BOARD_REPO={workshop.folder}/repo", check=False
            )
            assert done.returncode != 0
        else:
            assert outcomes(workshop, repository, board) != [True, False]
    finally:
        path.write_text(right)


# --- what can be known of the real tools ----------------------------------------------------------


def scripts(*names):
    folder = TEMPLATE / "template/boards/common"
    paths = [path for path in folder.iterdir() if any(name in path.name for name in names)]
    assert len(paths) == len(names)
    return "".join(path.read_text() for path in paths)


def test_names_in_the_scripts_are_those_of_real_hwh_files():
    """Parameters, pins and interfaces of processors and resets, against the files in pynqmetadata."""
    script = scripts("zynq.tcl")
    cores = {core.split(":")[2]: facts for core, facts in real_cores().items()}
    zynq, rest = script.split("} else {")
    ultrascale = rest.split("array set ::processor {resetn")[0]
    seen = 0
    for text, core in ((zynq, "processing_system7"), (ultrascale, "zynq_ultra_ps_e")):
        facts = cores[core]
        for parameter in re.findall(r"CONFIG\.(\w+)", text):
            assert parameter in facts["parameters"], parameter
            seen += 1
        for pin in re.findall(r"\bps/(\w+)", text):
            if pin in ("S_AXI_HP0_FPD", "saxihp0_fpd_aclk"):  # that design opens HP2 instead
                assert pin.replace("0", "2") in {**facts["pins"], **facts["interfaces"]}
            else:
                assert pin in {**facts["pins"], **facts["interfaces"]}, pin
            seen += 1
    for pin in re.findall(r"\breset/(\w+)", script):
        assert pin in cores["proc_sys_reset"]["pins"], pin
        seen += 1
    assert seen == 24


def test_what_the_stand_in_believes_of_processors_holds_in_real_hwh_files():
    cores = {core.split(":")[2]: facts for core, facts in real_cores().items()}
    for core, conditions in CONDITIONS.items():
        facts = cores[core]
        there = {**facts["pins"], **facts["interfaces"]}
        for pin, parameter in conditions.items():
            assert (facts["parameters"][parameter] == "1") == (pin in there), (core, pin)
        for parameter in PRESETS[core].split()[::2]:
            assert parameter in facts["parameters"]


def test_every_command_of_the_scripts_has_a_source():
    """tests/vendor/README.md says for each command where its options were read."""
    readme = (TEMPLATE / "tests/vendor/README.md").read_text()
    sourced = set(re.findall(r"^\| `(\w+)`", readme, re.MULTILINE))
    stubs = "".join(
        (TEMPLATE / "tests/vendor" / name).read_text() for name in ("vivado.tcl", "hls.tcl")
    )
    commands = set(re.findall(r"^command (\w+) ", stubs, re.MULTILINE))
    used = {
        name
        for name in commands
        if re.search(
            rf"\b{name}\b",
            scripts("vivado.tcl", "connect.tcl", "zynq.tcl", "versal.tcl", "hls.tcl"),
        )
    }
    assert used <= sourced
    assert sourced <= commands
