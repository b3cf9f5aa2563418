"""How long `copier copy` takes, against an empty template, in one run: python tests/benchmark.py

Prints medians of the wall time of the whole command, how much longer the default answers take than
an empty template, and what each further file costs beside what Copier takes for a file that it only
copies. docs/decisions.md says what we aim at.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).resolve().parents[1]
BOARDS = [board["name"] for board in yaml.safe_load((TEMPLATE / "boards.yml").read_text())]


def copy_once(template, answers, folder):
    """Run `copier copy` into a new folder below `folder`; return seconds and number of files."""
    destination = tempfile.mkdtemp(dir=folder) + "/overlay"
    data = Path(folder) / "answers.yml"
    data.write_text(yaml.safe_dump(answers))
    command = [
        "copier",
        "copy",
        "--quiet",
        "--defaults",
        "--data-file",
        data,
        template,
        destination,
    ]
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", *command], check=True, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    return seconds, sum(path.is_file() for path in Path(destination).rglob("*"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="of each kind (default: 9)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        # A plain folder each: cloning would be measured with neither.
        empty, ours = Path(folder) / "empty", Path(folder) / "ours"
        (empty / "template").mkdir(parents=True)
        (empty / "template" / "README.md").write_text("# Empty\n")
        (empty / "copier.yml").write_text("_subdirectory: template\n")
        static = Path(folder) / "static"
        subprocess.run(["cp", "-R", empty, static], check=True)
        for number in range(100):
            (static / "template" / f"{number}.txt").write_text("static\n")
        ours.mkdir()
        for name in ("copier.yml", "boards.yml", "hooks", "template"):
            subprocess.run(["cp", "-R", TEMPLATE / name, ours], check=True)
        three = {"boards": BOARDS, "overlays": ["fir", "fft", "resizer"]}
        kinds = {
            "empty template": (empty, {}),
            "100 static files": (static, {}),
            "default answers": (ours, {}),
            "every board, three overlays": (ours, three),
        }
        seconds = {kind: [] for kind in kinds}
        files = {}
        for _ in range(runs):  # in turn, so that a slow moment of the machine hits all alike
            for kind, (template, answers) in kinds.items():
                taken, files[kind] = copy_once(template, answers, folder)
                seconds[kind].append(taken)
    median = {kind: statistics.median(taken) for kind, taken in seconds.items()}
    for kind in kinds:
        print(f"{kind:28} {median[kind]:6.3f} s  {files[kind]:4} files")
    nothing, copied, default, whole = kinds

    def each(few, many):
        return 1000 * (median[many] - median[few]) / (files[many] - files[few])

    print(f"default answers / empty template: {median[default] / median[nothing]:.2f}")
    print(f"each further file: {each(default, whole):.1f} ms", end=", ")
    print(f"a static one {each(nothing, copied):.1f} ms")


if __name__ == "__main__":
    main()
