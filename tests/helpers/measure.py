"""Time and peak memory of a command."""

import json
import os
import subprocess
import sys

# A process of its own, small: Linux counts the memory of whoever starts a command as the command's.
STARTER = """
import json, os, sys, time
begun = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
seconds = time.perf_counter() - begun
print(json.dumps([os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss / 1024]))
"""


def measure(command, cwd=None, **environment):
    """Run a command; return its seconds and its peak memory in MB. Raises AssertionError if it fails."""
    result = subprocess.run(
        [sys.executable, "-S", "-c", STARTER, *[str(word) for word in command]],
        env={**os.environ, **environment},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    status, seconds, memory = json.loads(result.stdout.splitlines()[-1])
    assert status == 0, f"{command}: {status}\n{result.stdout}\n{result.stderr}"
    return seconds, memory
