"""make simulate: every notebook on real PYNQ, with the owner's kernels; every fault has its sentence."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml
from helpers.docs import blocks
from helpers.pynq import PYTHON_OF
from helpers.render import render

CARDS = ("2.7.0", "3.0.1")  # the releases that drive them

if shutil.which("g++") is None:
    pytest.skip("no g++ on this machine", allow_module_level=True)


def simulate(repository, pynq, **environment):
    """Run `make simulate` in `repository` with the Python of the environment `pynq`."""
    command = ["make", "-s", "-C", repository, "simulate", f"PYTHON={pynq / 'bin/python'}"]
    environment = {**os.environ, **environment}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def results_of(simulation):
    """Return what became of each notebook, by its name and kind of bitstream."""
    found = re.findall(r"^(\S+) with (\S+) \.\.\. (.*)$", simulation.stderr, re.MULTILINE)
    assert found, simulation.stderr
    return {(name, kind): result for name, kind, result in found}


@pytest.fixture(scope="module")
def two_overlays(template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulate") / "vision"
    return render(template, folder, overlays=["resize", "filter"])


@pytest.mark.parametrize("release", PYTHON_OF)
def test_every_notebook_runs(two_overlays, pynq_in, release):
    simulation = simulate(two_overlays, pynq_in(release))
    print(f"PYNQ {release}", simulation.stderr, sep="\n")
    assert (simulation.returncode, simulation.stdout) == (0, "")
    cards = "ok" if release in CARDS else f"skipped 'PYNQ {release} drives no cards; 3.0.1 does'"
    expected = {(f"edge/{name}.ipynb", ".bit"): "ok" for name in ("filter", "resize")}
    expected.update({(f"pcie/{name}.ipynb", ".xclbin"): cards for name in ("filter", "resize")})
    assert results_of(simulation) == expected


def test_both_kinds_of_bitstream_are_run(template, pynq_in, tmp_path):
    boards = {"platforms": ["edge"], "boards": ["ZCU104", "VCK190"]}
    simulation = simulate(render(template, tmp_path / "wide", **boards), pynq_in("4.0.0"))
    kinds = {("edge/wide.ipynb", kind): "ok" for kind in (".bit", ".pdi")}
    assert results_of(simulation) == kinds


def test_make_test_runs_the_notebooks_where_it_can(two_overlays, pynq_in, python_of):
    results = []
    for python in (pynq_in("3.0.1") / "bin/python", python_of("3.10")):
        command = ["make", "-C", two_overlays, "test", f"PYTHON={python}"]
        results.append(subprocess.run(command, check=True, capture_output=True, text=True).stderr)
    with_pynq, without = results
    assert with_pynq.count("with .bit ... ok") == 2
    assert re.search(r"skipped .*No module named .* pip install -r tests/requirements.txt", without)


def test_without_pynq_or_compiler_it_says_what_to_install(two_overlays, pynq_in, python_of):
    command = [python_of("3.10"), "tests/test_notebooks.py"]
    bare = subprocess.run(command, check=False, cwd=two_overlays, capture_output=True, text=True)
    assert (bare.returncode, bare.stdout) == (1, "")
    assert "pip install -r tests/requirements.txt" in bare.stderr
    simulation = simulate(two_overlays, pynq_in("3.0.1"), CXX="no-such-compiler")
    assert simulation.returncode
    assert "No C++ compiler: install g++ or set CXX" in simulation.stderr


def test_a_machine_with_32_bits_is_left_alone(two_overlays, pynq_in):
    code = "import sys; sys.maxsize = 2**31 - 1; sys.path.insert(0, 'tests'); import test_notebooks"
    command = [pynq_in("3.0.1") / "bin/python", "-c", code]
    done = subprocess.run(command, check=False, cwd=two_overlays, capture_output=True, text=True)
    assert "SkipTest: This machine has 32 bits" in done.stderr


KERNEL, EDGE, PCIE = "kernel", "edge", "pcie"
START = "registers.CTRL.AP_START = 1"
IDLE = "while not registers.CTRL.AP_IDLE:"
WRONG_SUM = r"cell 4, `assert np\.array_equal\(c, a \+ b\)`: AssertionError\."
GO_ON = "cannot be simulated; docs/simulate.md of the template says how to go on"

# What is changed: the kernel or a notebook, the old text, the new one, and what the user then reads.
# {0} stands for the overlay.
FAULTS = {
    "off by one": (KERNEL, "i < n", "i <= n", "cell 3: vadd_1 .*c has 4096 bytes, n is 1024.* crashed or reached outside its buffers"),
    "wrong operator": (KERNEL, "= a[i] + b[i]", "= a[i] - b[i]", WRONG_SUM),
    "no end": (KERNEL, "i < n; i++", "n > 0;", "cell 3: vadd_1 .*did not return within 5 s"),
    "a typing error": (KERNEL, "= a[i] + b[i]", "= a[i] + d[i]", r"vadd.cpp does not compile: vadd.cpp:\d+:\d+: error: .*d"),
    "another name": (KERNEL, "void vadd", "void add", "vadd.cpp has no function vadd"),
    "a stream": (KERNEL, "const int *a", "hls::stream<int> &a", GO_ON),
    "ap_int": (KERNEL, "int n)", "ap_int<9> n)", GO_ON),
    "a rare type": (KERNEL, "const int *a", "const long double *a", "a is long double const[*], which " + GO_ON),
    "an axis port": (KERNEL, "m_axi port = a ", "mode=axis port = a ", GO_ON),
    "no offset": (KERNEL, "offset = slave", "offset = off", GO_ON),
    "two windows": (KERNEL, "s_axilite port = n", "s_axilite port = n bundle = other", GO_ON),
    "no register": (KERNEL, "#pragma HLS INTERFACE s_axilite port = n\n", "", "vadd.cpp lacks `#pragma HLS INTERFACE s_axilite port = n`, so that has no register"),
    "no master": (KERNEL, "#pragma HLS INTERFACE m_axi port = a offset = slave bundle = gmem0\n", "", "vadd.cpp lacks `#pragma HLS INTERFACE m_axi port = a`"),
    "swapped operands": (EDGE, '"b\\", b), (\\"c\\", c', '"b\\", c), (\\"c\\", b', WRONG_SUM),
    "wrong register name": (EDGE, "registers.n =", "registers.m =", "vadd_1: n was never set"),
    "wrong offset": (EDGE, "registers.n = size", "vadd.write(0x30, size)", "vadd_1 has no register at 0x30; .* n 0x34"),
    "outside the window": (EDGE, "registers.n = size", "vadd.write(0x10000, 1)", "`vadd.write.*out of bounds"),
    "another address": (EDGE, "registers.n = size", "from pynq import MMIO; MMIO(0x43C00000, 64).write(0x34, size)", "0x43c00034 lies in no IP"),
    "virtual address": (EDGE, "buffer.device_address &", "buffer.virtual_address &", "where no buffer is: write its device_address"),
    "no flush": (EDGE, "a.flush()", "a.nbytes", f"{WRONG_SUM} vadd_1: a is not as the notebook has it: is a flush,"),
    "no invalidate": (EDGE, "c.invalidate()", "c.nbytes", f"{WRONG_SUM} vadd_1: c is not as .* an invalidate"),
    "no start": (EDGE, START, "pass", "vadd_1 was never started"),
    "no start, polled": (EDGE, f'{START}\\n",\n    "{IDLE}', "while not registers.CTRL.AP_DONE:", "vadd_1 is idle and polled for ever: AP_DONE comes after AP_START.* vadd_1 was never started"),
    "done twice": (EDGE, IDLE, 'while not registers.CTRL.AP_DONE:\\n",\n    "    pass\\n",\n    "while not registers.CTRL.AP_DONE:', "vadd_1 is idle and polled for ever: AP_DONE .*reading it clears it"),
    "no wait": (EDGE, f'{IDLE}\\n",\n    "    pass', "pass", f"{WRONG_SUM}.* vadd_1 was started and nobody waited for AP_DONE"),
    "one look": (EDGE, f'{IDLE}\\n",\n    "    pass', "registers.CTRL.AP_IDLE", f"{WRONG_SUM}.* vadd_1 was started and nobody waited for AP_DONE"),
    "a busy kernel": (EDGE, IDLE, f'registers.n = 1\\n",\n    "{IDLE}', "vadd_1 is busy: wait for AP_IDLE"),
    "restarted for ever": (EDGE, START, "vadd.write(0, 0x81)", "vadd_1: AUTO_RESTART " + GO_ON),
    "an endless loop": (EDGE, "c.invalidate()", 'while True:\\n",\n    "    pass', "cell 3: Python did not return within 5 s"),
    "wrong type": (EDGE, "a = allocate(shape=size, dtype=np.int32", "a = allocate(shape=size, dtype=np.float32", "a is int32 and its buffer float32: allocate it as np.int32"),
    "short buffer": (EDGE, "c = allocate(shape=size", "c = allocate(shape=size - 1", "c has 4092 bytes, n is 1024"),
    "wrong IP": (EDGE, "overlay.vadd_1", "overlay.vadd_0", "Could not find IP or hierarchy vadd_0"),
    "wrong file": (EDGE, "{0}.bit", "other.bit", "other.bit does not exist"),
    "no import": (EDGE, "from pynq import Overlay, allocate", "from pynq import allocate", "name 'Overlay' is not defined"),
    "no sync": (PCIE, "b.sync_to_device()", "b.nbytes", f"{WRONG_SUM} vadd_1: b is not as .* or a sync missing"),
    "no fetch": (PCIE, "c.sync_from_device()", "c.nbytes", f"{WRONG_SUM} vadd_1: c is not as .* or a sync missing"),
    "too long": (PCIE, "a, b, c, size)", "a, b, c, size + 1)", "n is 1025"),
    "wrong order": (PCIE, "a, b, c, size)", "a, c, b, size)", WRONG_SUM),
    "an argument too few": (PCIE, "a, b, c, size)", "a, b, size)", "cell 3, `vadd.call"),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(default_repository, tmp_path_factory, pynq_in):
    """What `make simulate` says of each fault, in a repository that has an overlay with each."""
    repository = tmp_path_factory.mktemp("faults") / "my-overlay"
    shutil.copytree(default_repository, repository)
    names = {fault: re.sub(r"\W", "_", fault) for fault in FAULTS}
    for fault, (where, old, new, _) in FAULTS.items():
        kernel, name = repository / "boards/ip" / names[fault], names[fault]
        shutil.copytree(repository / "boards/ip/my_overlay", kernel)
        folder = repository / "my_overlay/notebooks" / where.replace(KERNEL, EDGE)
        (folder / name).mkdir()
        kind = "xclbin" if where == PCIE else "bit"
        shutil.copy(folder / f"my_overlay.{kind}.link", folder / name / f"{name}.{kind}.link")
        notebook = folder / name / f"{name}.ipynb"
        text = (folder / "my_overlay.ipynb").read_text()
        notebook.write_text(text.replace("my_overlay", name))
        change(kernel / "vadd.cpp" if where == KERNEL else notebook, old.format(name), new)
    for notebook in repository.glob("my_overlay/notebooks/*/my_overlay.ipynb"):
        notebook.unlink()
    simulation = simulate(repository, pynq_in("3.0.1"), SIMULATION_LIMIT="5")
    assert len(results_of(simulation)) == len(FAULTS)
    assert "Traceback" not in simulation.stderr, simulation.stderr
    failure = re.compile(r"^FAIL: \w+/(\w+)/.*\n-+\nAssertionError: (.*)$", re.MULTILINE)
    sentences = dict(failure.findall(simulation.stderr))
    return {fault: sentences.get(name, "it passed") for fault, name in names.items()}


def change(path, old, new):
    """Write `new` for the last `old` in a file; in a notebook, lines may be given as it has them."""
    if path.suffix == ".ipynb" and "\n" not in old + new and '\\"' not in old + new:
        old, new = json.dumps(old)[1:-1], json.dumps(new)[1:-1]
    head, found, tail = path.read_text().rpartition(old)
    assert found, old
    path.write_text(head + new + tail)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(told, fault):
    assert re.search(FAULTS[fault][3], told[fault]), told[fault]


# A kernel of an owner, with every kind of argument; `in` and `out` have other names in its registers.
OWN_KERNEL = """
#include <cstdint>
typedef const float samples;
static int calls = 0;
/* vadd(int wrong) { */
extern "C" double vadd(samples in[64], volatile int64_t *out, short shift, double factor,
                       unsigned char n, float bias, bool twice) {
#pragma HLS INTERFACE mode=m_axi port=in offset=slave depth=64
#pragma HLS interface m_axi port=out
#pragma HLS INTERFACE s_axilite port=in bundle=control
#pragma HLS INTERFACE s_axilite port=out bundle=control
#pragma HLS INTERFACE s_axilite port=shift bundle=control
#pragma HLS INTERFACE s_axilite port=factor bundle=control
#pragma HLS INTERFACE s_axilite port=n bundle=control
#pragma HLS INTERFACE s_axilite port=bias bundle=control
#pragma HLS INTERFACE s_axilite port=twice bundle=control
#pragma HLS INTERFACE mode=s_axilite port=return bundle=control
  for (int i = 0; i < n; i++)
    out[i] = ((int64_t)(in[i] * factor + bias) << shift) * (twice ? 2 : 1);
  return factor * ++calls;
}
"""
OWN_NOTEBOOK = """
import struct
import numpy as np
from pynq import Overlay, allocate
ip = Overlay("my_overlay.bit").vadd_1
source, result = allocate(64, np.float32), allocate((8, 8), np.int64, cacheable=False)
source[:] = np.arange(64)
source.flush()
registers = ip.register_map
registers.in_r_1 = source.device_address
registers.out_r_1 = result.device_address
registers.shift = 0xFFFF0002
registers.factor_1, registers.factor_2 = struct.unpack("<II", struct.pack("<d", 1.5))
registers.n = 64
registers.bias = struct.unpack("<I", struct.pack("<f", 0.5))[0]
registers.twice = 1
for call in (1, 2):
    registers.CTRL.AP_START = 1
    while not registers.CTRL.AP_DONE:
        pass
    words = struct.pack("<II", int(registers.ap_return_1), int(registers.ap_return_2))
    assert struct.unpack("<d", words) == (1.5 * call,)
assert (result.flatten() == ((np.arange(64) * 1.5 + 0.5).astype(int) << 3)).all()
"""
OWN_CARD_NOTEBOOK = """
import numpy as np
from pynq import Overlay, allocate
vadd = Overlay("my_overlay.xclbin").vadd_1
assert str(vadd.signature).startswith("(in_r: 'float*', out_r: 'long*', shift: 'short'")
source, result = allocate(64, np.float32), allocate(64, np.int64)
source[:] = 1
source.sync_to_device()
vadd.start(source, result, 3, 2.5, 64, 0.5, 0).wait()
result.sync_from_device()
assert (result == 24).all()
"""


def with_code(path, code):
    """Make a notebook of one cell, and the only one beside it."""
    notebook = json.loads(path.read_text())
    notebook["cells"] = [{**notebook["cells"][1], "source": code.splitlines(keepends=True)}]
    path.write_text(json.dumps(notebook))
    other = "edge" if path.parent.name == "pcie" else "pcie"
    shutil.rmtree(path.parent.parent / other)


@pytest.mark.parametrize("release", PYTHON_OF)
def test_an_own_kernel_needs_no_glue(repository, pynq_in, release):
    (repository / "boards/ip/my_overlay/vadd.cpp").write_text(OWN_KERNEL)
    with_code(repository / "my_overlay/notebooks/edge/my_overlay.ipynb", OWN_NOTEBOOK)
    simulation = simulate(repository, pynq_in(release))
    assert list(results_of(simulation).values()) == ["ok"], simulation.stderr


def test_a_pointer_has_its_address_beside_the_other_registers_of_its_bundle(repository, pynq_in):
    """Vitis HLS gives a master without a pragma of its own a register in the bundle without a name."""
    kernel = re.sub(r".* s_axilite port=(in|out) .*\n", "", OWN_KERNEL)
    source = repository / "boards/ip/my_overlay/vadd.cpp"
    with_code(repository / "my_overlay/notebooks/edge/my_overlay.ipynb", OWN_NOTEBOOK)
    source.write_text(kernel.replace(" bundle=control", ""))
    simulation = simulate(repository, pynq_in("3.0.1"))
    assert list(results_of(simulation).values()) == ["ok"], simulation.stderr
    source.write_text(kernel)
    told = simulate(repository, pynq_in("3.0.1")).stderr
    assert f"vadd.cpp: s_axilite in several bundles {GO_ON}" in told


@pytest.mark.parametrize("release", CARDS)
def test_an_own_kernel_for_cards_needs_no_pragma(repository, pynq_in, release):
    kernel = OWN_KERNEL.replace('"C" double', '"C" void').replace("return factor * ++calls;", "")
    kernel = re.sub(r"(?mi)^#pragma.*\n", "", kernel).replace("bool twice", "int twice")
    (repository / "boards/ip/my_overlay/vadd.cpp").write_text(kernel)
    with_code(repository / "my_overlay/notebooks/pcie/my_overlay.ipynb", OWN_CARD_NOTEBOOK)
    simulation = simulate(repository, pynq_in(release))
    assert list(results_of(simulation).values()) == ["ok"], simulation.stderr


def test_a_notebook_has_nothing_of_the_simulation(repository, pynq_in):
    code = """
own = set(globals()) - {"In", "Out", "get_ipython", "exit", "quit", "open"}
assert not {name for name in own if not name.startswith("_")}, own
import my_overlay
raise ValueError(sorted(__import__("os").listdir()))
"""
    with_code(repository / "my_overlay/notebooks/edge/my_overlay.ipynb", code)
    told = simulate(repository, pynq_in("3.0.1")).stderr
    files = ["__init__.py", "my_overlay.bit", "my_overlay.hwh.link", "my_overlay.ipynb"]
    assert f"ValueError: {files}." in told


def test_a_cell_that_is_meant_to_fail_may_fail(repository, pynq_in):
    path = repository / "my_overlay/notebooks/edge/my_overlay.ipynb"
    with_code(path, "raise ValueError")
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["metadata"]["tags"] = ["raises-exception"]
    path.write_text(json.dumps(notebook))
    assert list(results_of(simulate(repository, pynq_in("3.0.1"))).values()) == ["ok"]


def test_a_kernel_left_running_fails_a_notebook_that_checks_nothing(repository, pynq_in):
    code = 'import pynq\nvadd = pynq.Overlay("my_overlay.bit").vadd_1\nvadd.write(0, 1)'
    with_code(repository / "my_overlay/notebooks/edge/my_overlay.ipynb", code)
    told = simulate(repository, pynq_in("3.0.1")).stderr
    assert "AssertionError: vadd_1 was started and nobody waited for AP_DONE." in told


@pytest.mark.parametrize("release", PYTHON_OF)
def test_the_ip_of_the_docs_run_under_the_drivers_of_pynq(repository, pynq_in, release):
    own, notebook = blocks("simulate.md", "python")
    (repository / "tests/simulated_ip.py").write_text(own)
    with_code(repository / "my_overlay/notebooks/edge/my_overlay.ipynb", notebook)
    simulation = simulate(repository, pynq_in(release))
    assert list(results_of(simulation).values()) == ["ok"], simulation.stderr


def test_the_kernel_of_the_docs_can_be_simulated(repository, pynq_in):
    (kernel,) = blocks("simulate.md", "cpp")
    (repository / "boards/ip/my_overlay/scale.cpp").write_text("#include <cstdint>\n" + kernel)
    code = "import pynq\npynq.Overlay('my_overlay.bit').scale_1.register_map.factor = 1"
    with_code(repository / "my_overlay/notebooks/edge/my_overlay.ipynb", code)
    simulation = simulate(repository, pynq_in("3.0.1"))
    assert list(results_of(simulation).values()) == ["ok"], simulation.stderr


@pytest.mark.parametrize("ci", ["github", "gitlab"])
@pytest.mark.parametrize("platforms", [["edge", "pcie"], ["pcie"]])
def test_ci_simulates_with_releases_that_run_the_notebooks(template, tmp_path, ci, platforms):
    repository = render(template, tmp_path / "my-overlay", ci=ci, platforms=platforms)
    if ci == "github":
        text = (repository / ".github/workflows/check.yml").read_text()
        job = yaml.safe_load(text)["jobs"]["simulate"]
        matrix = [
            (entry["pynq"], entry["python"]) for entry in job["strategy"]["matrix"]["include"]
        ]
        steps = [step["run"] for step in job["steps"] if "run" in step]
        variable = "${{ matrix.pynq }}"
    else:
        job = yaml.safe_load((repository / ".gitlab-ci.yml").read_text())["simulate"]
        matrix = [(one["PYNQ"], one["PYTHON_VERSION"]) for one in job["parallel"]["matrix"]]
        steps, variable = job["script"], "$PYNQ"
    install = f'python -m pip install -r tests/requirements.txt "pynq=={variable}"'
    assert steps == [install, "make simulate"]
    releases = ["3.0.1", "4.0.0"] if "edge" in platforms else ["3.0.1"]
    assert matrix == [(release, PYTHON_OF[release]) for release in releases]
