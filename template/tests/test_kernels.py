# The template's file: `copier update` merges its changes with yours.
"""Every kernel in boards/ip passes its test bench, compiled by any C++ compiler."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

KERNELS = Path(__file__).resolve().parent.parent / "boards" / "ip"
COMPILER = shutil.which(os.environ.get("CXX", "g++"))
OPTIONS = ["-std=c++14", "-Wall", "-Wno-unknown-pragmas"]


class KernelTest(unittest.TestCase):
    @unittest.skipUnless(COMPILER, "no C++ compiler: install g++ or set CXX")
    def test_benches_pass(self):
        for bench in sorted(KERNELS.glob("*/*_test.cpp")):
            kernel = bench.with_name(bench.name.replace("_test.cpp", ".cpp"))
            with self.subTest(bench=str(bench.relative_to(KERNELS))):
                self.run_bench(bench, kernel)

    def run_bench(self, *sources):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "bench")
            command = [COMPILER, *OPTIONS, "-o", program, *map(str, sources)]
            for step in (command, [program]):
                result = subprocess.run(
                    step, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                )
                self.assertEqual(result.returncode, 0, result.stdout.decode())


if __name__ == "__main__":
    unittest.main()
