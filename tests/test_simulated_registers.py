"""Simulated kernels have the registers that Vitis HLS gives them, as PYNQ itself reads them."""

import json
import shutil
import subprocess

import pytest
from helpers.pynq import PYTHON_OF

if shutil.which("g++") is None:
    pytest.skip("no g++ on this machine", allow_module_level=True)

# Prints what the simulation says of a kernel's registers: SOURCE, whether on a card.
SIMULATED = """
import json, pathlib, sys, types
sys.path.insert(0, "tests")
import simulated_fpga
device = types.SimpleNamespace(card=sys.argv[2] == "card", folder=sys.argv[3])
kernel = simulated_fpga.Kernel(pathlib.Path(sys.argv[1]), device)
print(json.dumps(kernel.registers))
"""

# Prints what PYNQ reads of the one HLS kernel in a .hwh.
READ_HWH = """
import json, sys
try:
    from pynq.metadata.runtime_metadata_parser import RuntimeMetadataParser
    from pynqmetadata.frontends import Metadata
    parser = RuntimeMetadataParser(Metadata(sys.argv[1]))
except ImportError:
    from pynq.pl_server.hwh_parser import _HWHZynq
    parser = _HWHZynq(sys.argv[1])
(kernel,) = (ip for ip in parser.ip_dict.values() if ip["type"].startswith("xilinx.com:hls:"))
print(json.dumps(kernel["registers"]))
"""

# Prints what PYNQ reads of the one kernel in an .xclbin, made of the XML that XRT finds in one.
READ_XCLBIN = """
import ctypes, json, pathlib, sys
from pynq._3rdparty import xclbin
from pynq.pl_server.xclbin_parser import XclBin
text = sys.argv[1].encode()
head = xclbin.axlf()
head.m_header.m_numSections = 1
head.m_sections.m_sectionKind = xclbin.AXLF_SECTION_KIND.EMBEDDED_METADATA
head.m_sections.m_sectionOffset, head.m_sections.m_sectionSize = ctypes.sizeof(head), len(text)
path = pathlib.Path(sys.argv[2], "kernel.xclbin")
path.write_bytes(bytes(head) + text)
(kernel,) = XclBin(str(path)).ip_dict.values()
print(json.dumps(kernel["registers"]))
"""


def python(pynq, repository, code, *arguments):
    command = [pynq / "bin/python", "-W", "ignore", "-c", code, *arguments]
    done = subprocess.run(command, check=False, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def simulated(repository, pynq, prototype, where="board"):
    """Return the registers of a kernel such as `void vadd(int *a, int n)` in the simulation."""
    before, _, inside = prototype.rstrip(")").partition("(")
    returned, name = before.split()
    ports = [argument.split()[-1] for argument in inside.split(", ")]
    pragmas = [f"#pragma HLS INTERFACE s_axilite port={port.strip('*')}" for port in ports]
    pragmas += [f"#pragma HLS INTERFACE m_axi port={port[1:]}" for port in ports if port[0] == "*"]
    pragmas += ["#pragma HLS INTERFACE s_axilite port=return"]
    end = "" if returned == "void" else "return 0;"
    source = repository / f"{name}.cpp"
    source.write_text("\n".join([f"#include <cstdint>\n{prototype} {{", *pragmas, end + "}\n"]))
    return python(pynq, repository, SIMULATED, source, where, repository)


def same(ours, real):
    """Assert that registers are the same but for descriptions and reserved fields."""
    assert list(ours) == list(real)
    for name, register in ours.items():
        fields = real[name].get("fields", {})
        for field, about in register.pop("fields", {}).items():
            assert about.items() <= fields[field].items()
        register.pop("description")
        assert register.items() <= {"type": None, **real[name]}.items(), name


@pytest.mark.parametrize("release", PYTHON_OF)
def test_as_pynq_reads_a_hwh_of_vivado(repository, pynq_in, release):
    """The file comes with pynqmetadata: Vivado wrote it, for a kernel of four scalars."""
    found = pynq_in("4.0.0").glob("lib/python*/site-packages/pynqmetadata/tests/hwhs/resizer.hwh")
    real = python(pynq_in(release), repository, READ_HWH, *found)
    prototype = "void resize_accel(int src_rows, int src_cols, int dst_rows, int dst_cols)"
    ours = simulated(repository, pynq_in(release), prototype)
    ours["CTRL"].pop("type")  # what only cards have
    same(ours, real)


@pytest.mark.parametrize("release", ["2.7.0", "3.0.1"])
def test_as_pynq_reads_an_xclbin(repository, pynq_in, release):
    """Offsets, sizes and kinds of names are those of public kernel.xml files of v++."""
    prototype = "void vadd(const int *in1, float *out, unsigned char size, double scale)"
    arguments = [("in1", 0x10, 8, "int*"), ("out_r", 0x1C, 8, "float*")]
    arguments += [("size", 0x28, 1, "unsigned char"), ("scale", 0x30, 8, "double")]
    xml = "".join(
        f'<arg name="{name}" addressQualifier="{int("*" in kind)}" id="{number}" port="x" '
        f'size="{size}" offset="{offset:#x}" hostOffset="0x0" hostSize="{size}" type="{kind}"/>'
        for number, (name, offset, size, kind) in enumerate(arguments)
    )
    xml = f"""<project><platform><device><core>
        <kernel name="vadd" vlnv="xilinx.com:hls:vadd:1.0"><port name="S" mode="slave" range="0x1000"/>
        {xml}<instance name="vadd_1"><addrRemap base="0x1800000"/></instance></kernel>
        </core></device></platform></project>"""
    real = python(pynq_in(release), repository, READ_XCLBIN, xml, repository)
    for register in real.values():
        register["access"] = register["access"].rstrip(";")  # PYNQ's own slip
    real["CTRL"]["size"] = 32  # PYNQ says 4, and calls it bits elsewhere
    same(simulated(repository, pynq_in(release), prototype, "card"), real)


# Registers in driver headers and reports that AMD's tools wrote, from public repositories: the
# release of the tool, the function, and where each register of its arguments lies.
PUBLIC = [
    ("2019.1", "int filter(int *in, int *out, unsigned num, char op, int comp1, int comp2)",
     "ap_return 10, in_r_1 18, in_r_2 1c, out_r_1 24, out_r_2 28, num 30, op 38, comp1 40, comp2 48"),
    ("2020.2", "void aes_ecb_encrypt(unsigned char key, uint64_t length)",
     "key 10, length_r_1 18, length_r_2 1c"),
    ("2021.1", "void example(volatile int *a, int length, int value)",
     "a_1 10, a_2 14, length_r 1c, value_r 24"),
    ("2022.1", "void hbm_kernel(int *maxi, int size, int pattern, int range)",
     "maxi_1 10, maxi_2 14, size 1c, pattern 24, range_r 2c"),
    ("2025.2", "void interleaver(bool mod, unsigned char n_syms, bool is_rx)",
     "mod_r 10, n_syms 18, is_rx 20"),
    ("2025.2", "void socs(float *mskf, float *krns, float *scales, float *image)",
     "mskf_1 10, mskf_2 14, krns_1 1c, krns_2 20, scales_1 28, scales_2 2c, image_r_1 34, image_r_2 38"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "prototype", "registers"), PUBLIC)
def test_as_public_headers_have_them(repository, pynq_in, tool, prototype, registers):
    ours = simulated(repository, pynq_in("3.0.1"), prototype)
    control = {"CTRL": 0, "GIER": 4, "IP_IER": 8, "IP_ISR": 12}
    public = {name: int(offset, 16) for name, offset in map(str.split, registers.split(", "))}
    assert {name: r["address_offset"] for name, r in ours.items()} == {**control, **public}


def test_words_are_renamed_in_any_case(repository, pynq_in):
    """As drivers with XCnn_Get_Parameter_r and XTransformer_cu_Get_POS_r show."""
    ours = simulated(
        repository, pynq_in("3.0.1"), "void cnn(int Parameter, int POS, int parameters)"
    )
    assert list(ours)[4:] == ["Parameter_r", "POS_r", "parameters"]
