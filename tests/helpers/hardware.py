"""Build the boards/ of a rendered repository with the strict stand-ins for the vendor's tools."""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from helpers.render import CATALOGUE, CUSTOM_BOARDS, run

STANDINS = Path(__file__).resolve().parents[1] / "vendor"

# What a pin or interface of a processor needs to be there, by core. Source of the names: the .hwh files
# of pynqmetadata where they hold them (a test compares); S_AXI_HP0_FPD and the LPD port: PG201.
CONDITIONS = {
    "processing_system7": {
        "M_AXI_GP0": "PCW_USE_M_AXI_GP0",
        "M_AXI_GP0_ACLK": "PCW_USE_M_AXI_GP0",
        "S_AXI_HP0": "PCW_USE_S_AXI_HP0",
        "S_AXI_HP0_ACLK": "PCW_USE_S_AXI_HP0",
        "FCLK_CLK0": "PCW_EN_CLK0_PORT",
        "FCLK_RESET0_N": "PCW_EN_RST0_PORT",
    },
    "zynq_ultra_ps_e": {
        "M_AXI_HPM0_FPD": "PSU__USE__M_AXI_GP0",
        "maxihpm0_fpd_aclk": "PSU__USE__M_AXI_GP0",
        "M_AXI_HPM1_FPD": "PSU__USE__M_AXI_GP1",
        "maxihpm1_fpd_aclk": "PSU__USE__M_AXI_GP1",
        "M_AXI_HPM0_LPD": "PSU__USE__M_AXI_GP2",
        "maxihpm0_lpd_aclk": "PSU__USE__M_AXI_GP2",
        "S_AXI_HP0_FPD": "PSU__USE__S_AXI_GP2",
        "saxihp0_fpd_aclk": "PSU__USE__S_AXI_GP2",
        "S_AXI_HP2_FPD": "PSU__USE__S_AXI_GP4",
        "saxihp2_fpd_aclk": "PSU__USE__S_AXI_GP4",
        "pl_clk0": "PSU__FPGA_PL0_ENABLE",
        "pl_resetn0": "PSU__USE__FABRIC__RST",
    },
}
# What a board's preset sets, at its most awkward: ports that nobody asked for are open.
PRESETS = {
    "processing_system7": "PCW_USE_M_AXI_GP0 0 PCW_USE_S_AXI_HP0 0 PCW_EN_CLK0_PORT 1 PCW_EN_RST0_PORT 1",
    "zynq_ultra_ps_e": (
        "PSU__USE__M_AXI_GP0 0 PSU__USE__M_AXI_GP1 1 PSU__USE__M_AXI_GP2 1 PSU__USE__S_AXI_GP2 0 "
        "PSU__USE__S_AXI_GP4 0 PSU__FPGA_PL0_ENABLE 0 PSU__USE__FABRIC__RST 1"
    ),
}
# Cores of which no .hwh file is at hand: parameters, pins (name, direction, kind), interfaces.
# Sources: PG247 (smartconnect), PG144 (axi_gpio), PYNQ's golden design of the VCK190 for the rest.
OTHER_CORES = {
    "xilinx.com:ip:smartconnect:1.0": (
        "NUM_SI NUM_MI NUM_CLKS HAS_ARESETN",
        "aclk I clk aresetn I rst",
        "",
    ),
    "xilinx.com:ip:axi_gpio:2.0": (
        "C_GPIO_WIDTH C_ALL_OUTPUTS C_ALL_INPUTS C_IS_DUAL C_INTERRUPT_PRESENT",
        "s_axi_aclk I clk s_axi_aresetn I rst gpio_io_o O data",
        "S_AXI SLAVE GPIO MASTER",
    ),
    "xilinx.com:ip:versal_cips:3.4": (
        "",
        "pl0_ref_clk O clk pl0_resetn O rst",
        "M_AXI_FPD MASTER",
    ),
    "xilinx.com:ip:axi_noc:1.1": ("", "aclk0 I clk", "S00_AXI SLAVE S01_AXI SLAVE"),
    "xilinx.com:ip:axi_vip_slave:1.1": ("", "aclk I clk aresetn I rst", "S_AXI SLAVE"),
    "xilinx.com:ip:axi_vip_master:1.1": ("", "aclk I clk aresetn I rst", "M_AXI MASTER"),
}
# Not in the .hwh files, since their designs do not open them.
UNSEEN = {
    "zynq_ultra_ps_e": (
        {"saxihp0_fpd_aclk": ("I", "clk"), "maxihpm0_lpd_aclk": ("I", "clk")},
        {"S_AXI_HP0_FPD": "SLAVE", "M_AXI_HPM0_LPD": "MASTER"},
    )
}


def real_cores():
    """Return what the .hwh files of pynqmetadata hold of some cores, by VLNV.

    Each core is a dict: `parameters` and their values, `pins` with direction and kind, `interfaces`
    with MASTER or SLAVE.
    """
    package = Path(importlib.util.find_spec("pynqmetadata").origin).parent
    cores = {}
    for path in sorted((package / "tests" / "hwhs").glob("*.hwh")):
        for module in ElementTree.parse(path).iter("MODULE"):
            core = module.get("VLNV")
            if core.split(":")[2] not in (
                "processing_system7",
                "zynq_ultra_ps_e",
                "proc_sys_reset",
            ):
                continue
            parameters = {p.get("NAME"): p.get("VALUE") for p in module.iter("PARAMETER")}
            pins = {
                p.get("NAME"): (p.get("DIR"), kind_of(p.get("NAME"), p.get("SIGIS")))
                for p in module.findall("PORTS/PORT")
            }
            interfaces = {
                bus.get("NAME"): bus.get("TYPE")
                for bus in module.findall("BUSINTERFACES/BUSINTERFACE")
            }
            cores.setdefault(
                core, {"parameters": parameters, "pins": pins, "interfaces": interfaces}
            )
    return cores


def kind_of(name, signal):
    return {"clk": "clk", "rst": "rst"}.get(signal, "clk" if name == "slowest_sync_clk" else "data")


def catalogue():
    """Return the cores that the stand-in for Vivado knows, as Tcl."""
    lines = ["set cores [dict create]", "set conditions {}", "set defaults {}", "set optional {}"]
    for core, facts in real_cores().items():
        name = core.split(":")[2]
        more_pins, more_interfaces = UNSEEN.get(name, ({}, {}))
        pins = {**facts["pins"], **more_pins}
        interfaces = {**facts["interfaces"], **more_interfaces}
        pins_text = " ".join(f"{pin} {{{way} {kind}}}" for pin, (way, kind) in pins.items())
        interfaces_text = " ".join(f"{bus} {mode}" for bus, mode in interfaces.items())
        lines.append(
            f"dict set cores {core} {{parameters {{{' '.join(facts['parameters'])}}} "
            f"pins {{{pins_text}}} interfaces {{{interfaces_text}}}}}"
        )
        if name in CONDITIONS:
            needs = " ".join(f"{pin} {parameter}" for pin, parameter in CONDITIONS[name].items())
            lines.append(f"dict set conditions {core} {{{needs}}}")
        if name == "proc_sys_reset":
            lines += [
                f"lappend optional {{{core} {pin}}}" for pin in ("aux_reset_in", "mb_debug_sys_rst")
            ]
    for core, (parameters, pins, interfaces) in OTHER_CORES.items():
        words = pins.split()
        pins_text = " ".join(f"{p} {{{w} {k}}}" for p, w, k in zip(*[iter(words)] * 3, strict=True))
        lines.append(
            f"dict set cores {core} {{parameters {{{parameters}}} pins {{{pins_text}}} "
            f"interfaces {{{interfaces}}}}}"
        )
    lines.append("lappend optional {xilinx.com:ip:axi_gpio:2.0 GPIO}")
    lines.append("dict set defaults xilinx.com:ip:smartconnect:1.0 {NUM_SI 1 NUM_MI 1}")
    lines.append(
        "set presets [dict create " + " ".join(f"{k} {{{v}}}" for k, v in PRESETS.items()) + "]"
    )
    return "\n".join(lines) + "\n"


def digests_of(repository, *arguments, **environment):
    """Return the digest of the sources of each bitstream, by board/overlay."""
    command = ("make", "-s", "-C", Path(repository) / "boards", "inputs", *arguments)
    lines = run(*command, **environment).stdout.splitlines()
    return {name: digest for digest, name in map(str.split, lines)}


class Workshop:
    """A folder with the stand-ins first on PATH, what they know and what they recorded."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.bin = self.folder / "bin"
        self.bin.mkdir(parents=True)
        for name in ("vivado", "vitis_hls", "v++", "create_vitis_afi.sh"):
            shutil.copy(STANDINS / name, self.bin / name)
        shutil.copy(STANDINS / "vitis_hls", self.bin / "vitis-run")
        self.golden = self.folder / "golden image"
        self.golden.mkdir()
        shutil.copy(STANDINS / "golden_ref.tcl", self.golden)
        for name in ("golden_noc.ncr", "golden_routed.dcp"):
            (self.golden / name).write_text("golden\n")
        self.boards = self.folder / "boards.txt"
        self.platforms = self.folder / "platforms.txt"
        self.install(CATALOGUE + CUSTOM_BOARDS)
        (self.folder / "catalogue.tcl").write_text(catalogue())
        self.record = self.folder / "record.txt"
        self.record.touch()

    def install(self, boards):
        """Install the board files, the parts and the platforms of `boards`, and no others."""
        parts = [f"{b.get('board_part', '-')} {b['part']}" for b in boards]
        self.boards.write_text("\n".join(parts) + "\n")
        self.platforms.write_text("\n".join(b.get("vitis_platform", "") for b in boards) + "\n")

    def environment(self, **settings):
        """Return the variables under which the stand-ins run; `settings` become STANDIN_*."""
        own = {
            "HOME": self.folder,
            "RECORD": self.record,
            "BOARDS": self.boards,
            "PLATFORMS": self.platforms,
            "CATALOGUE": self.folder / "catalogue.tcl",
            **settings,
        }
        variables = {f"STANDIN_{name}": str(value) for name, value in own.items()}
        variables["STANDIN_HOME"] = str(STANDINS)
        return {"PATH": f"{self.bin}:{os.environ['PATH']}", **variables}

    def make(self, repository, *arguments, check=True, **settings):
        """Run make in boards/ of the repository; return the finished process."""
        return run(
            "make",
            "-C",
            Path(repository) / "boards",
            *arguments,
            check=check,
            **self.environment(**settings),
        )

    def start(self, repository, *arguments, **settings):
        """Start make in boards/ in a process group of its own; return the running process."""
        return subprocess.Popen(
            ["make", "-C", str(Path(repository) / "boards"), *arguments],
            env={**os.environ, **self.environment(**settings)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A shell that runs the tests in the background has told them to ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def runs(self):
        """Return what the tools were started for since the last call, in order of lines."""
        lines = self.record.read_text().splitlines()
        self.record.write_text("")
        return lines
