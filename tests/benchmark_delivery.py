"""What installing and delivering cost, beside PYNQ's own ways, in one run: python tests/benchmark_delivery.py

Delivery: time and peak memory of `pynq get-notebooks` for files of 5, 50 and 200 MB on loopback, with our
function and, in turn, with PYNQ's own; what starting PYNQ costs is measured alone and taken off.
Installation: pip's isolated build of the emitted sdist against one that requires what PYNQ-HelloWorld's
pyproject.toml requires, pynqutils; numpy, which that pulls in, comes as a wheel here and not on a board.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from helpers import interpreters, pynq
from helpers.measure import measure
from helpers.package import build_sdist
from helpers.render import render, run
from helpers.server import Server

TEMPLATE = Path(__file__).resolve().parents[1]
DEVICE = "Pynq-Z2"


def deliver(environment, site, folder, *options):
    """Deliver into a new folder; return seconds and peak memory."""
    target = tempfile.mkdtemp(dir=folder)
    command = [environment / "bin/pynq", "get-notebooks", "my-overlay", "-p", target, *options]
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    result = measure(command, PYTHONPATH=str(site), PATH=path)
    if not list(Path(target).rglob("*.ipynb")):
        raise SystemExit("nothing was delivered")
    shutil.rmtree(target)
    return result


def publish(server, site, size):
    """Serve a bitstream of `size` MB and a small .hwh, and write them into the links of `site`."""
    server.files = {"/bit": os.urandom(size * 1_000_000), "/hwh": b"hwh"}
    for link in site.glob("my_overlay/notebooks/edge/*.link"):
        path = "/" + link.name.split(".")[-2]
        data = server.files[path]
        sums = {"md5sum": hashlib.md5(data), "sha256": hashlib.sha256(data)}
        entry = {"url": server.url + path, **{key: sums[key].hexdigest() for key in sums}}
        link.write_text(json.dumps({DEVICE: entry}))


def compare_delivery(environment, sdist, folder, runs):
    """Print time and memory of both functions for three sizes, and for none."""
    sites = [folder / "ours", folder / "PYNQ's"]
    for site in sites:
        pip = [environment / "bin/pip", "install", "--quiet", "--no-cache-dir", "--no-deps"]
        run(*pip, "--target", site, sdist, OVERLAY_PLATFORM="edge")
    for path in sites[1].glob("my_overlay/notebooks/*/__init__.py"):
        path.write_text("")  # without our function PYNQ takes its own
    server = Server()
    print("             seconds                    peak memory, MB")
    print("           ours    PYNQ's   ratio       ours    PYNQ's")
    least = None
    for size in (0, 5, 50, 200):
        options = ["-d", DEVICE] if size else ["--ignore-overlays"]
        times, peaks = ([], []), ([], [])
        for _ in range(runs):  # in turn, so that both see the same noise
            for site, seconds, memory in zip(sites, times, peaks, strict=True):
                publish(server, site, size)
                for results, result in zip(
                    (seconds, memory), deliver(environment, site, folder, *options), strict=True
                ):
                    results.append(result)
        ours, theirs = map(statistics.median, times)
        least = least or min(map(min, peaks))
        more = [max(memory) - least for memory in peaks]
        print(
            f"{size:4} MB  {ours:7.2f}  {theirs:7.2f}  {ours / theirs:6.2f}    {more[0]:7.1f}  {more[1]:7.1f}"
        )
    server.close()


def compare_installation(python, sdist, repository, folder, runs):
    """Print what isolated builds cost with setuptools alone and with pynqutils."""
    heavy = folder / "heavy"
    shutil.copytree(repository, heavy)
    requires = heavy / "pyproject.toml"
    old = 'requires = ["setuptools"]'
    assert old in requires.read_text()
    requires.write_text(
        requires.read_text().replace(old, 'requires = ["setuptools<82", "pynqutils"]')
    )
    other = build_sdist(heavy, sys.executable)
    seconds = {"setuptools": [], "pynqutils": []}
    for _ in range(runs):
        for name, archive in (("setuptools", sdist), ("pynqutils", other)):
            target = tempfile.mkdtemp(dir=folder)
            pip = [python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--no-deps"]
            seconds[name].append(measure([*pip, "--target", target, archive])[0])
    ours, theirs = (statistics.median(seconds[name]) for name in ("setuptools", "pynqutils"))
    print(
        f"\ninstallation, isolated: {ours:.1f} s with setuptools alone, {theirs:.1f} s with pynqutils,"
    )
    print(f"which is {theirs / ours:.1f} times as long")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--release", default="3.1.2", help="of PYNQ")
    options = parser.parse_args()
    python = interpreters.find(pynq.PYTHON_OF[options.release])
    if python is None:
        raise SystemExit(f"no CPython {pynq.PYTHON_OF[options.release]} on PATH or in ~/.pyenv")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = pynq.environment(folder, options.release, python)
        repository = render(TEMPLATE, folder / "my-overlay")
        sdist = build_sdist(repository, sys.executable)
        compare_delivery(environment, sdist, folder, options.runs)
        compare_installation(python, sdist, repository, folder, options.runs)


if __name__ == "__main__":
    main()
