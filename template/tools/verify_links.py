# The template's file: `copier update` merges its changes with yours.
"""Fetch what every link file leads to, as a user's board would, and compare size and sums.

Prints a line for each file that is not there or not right, and then ends with status 1. Says as well
which published bitstreams were built from other sources than today's; no vendor tool is needed for it.
"""

import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from repository import (
    BOARDS,
    all_links,
    download_module,
    entries,
    shown,
    sums,
    todays_inputs,
)

WORKERS = 4  # downloads at a time
download = download_module()


def main():
    """Verify every link; return the exit status."""
    users, problems, pending = {}, [], 0  # users: (path, device) by entry
    for path, links in all_links().items():
        for device, entry in entries(links).items():
            name = f"{shown(path)}: {board_of(device)}"
            if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
                problems.append(f"{name} has no url; type make check")
            elif not entry.get("md5sum"):
                pending += 1
                problems.append(f"{name} has no file yet; build it and type make links")
            else:
                users.setdefault(frozenset(entry.items()), []).append(name)
    counter = Counter(len(users))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda key: verify(dict(key), folder, counter), users))
    counter.clear()
    for names, problem in zip(users.values(), found):
        problems += [f"{name}: {problem}" for name in names if problem]
    print("\n".join(sorted(problems)), end="\n" if problems else "")
    for build in stale():
        print(f"note: {build} is published from other sources than today's")
    right = len([problem for problem in found if not problem])
    print(f"{right} of {len(users) + pending} published files are there and right")
    return 1 if problems else 0


def verify(entry, folder, counter):
    """Return what is wrong with the file of one entry, or None."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place, "file")
        try:
            download.download(entry, str(path), "the file")
            return comparison(entry, path)
        except download.Failure as problem:
            return str(problem)
        except OSError as problem:
            return f"cannot be kept in {folder}: {problem.strerror}; make room"
        finally:
            counter.add()


def comparison(entry, path):
    """Return what differs between an entry and its file, whatever user's tool looks at it."""
    found = dict(zip(("md5sum", "sha256"), sums(path)), size=path.stat().st_size)
    for key, value in found.items():
        if entry.get(key) not in (None, value):
            return f"{entry['url']} has {key} {value} and not {entry[key]}; type make links"
    return None


def stale():
    """Return the builds that were published from other sources than today's."""
    today, found = todays_inputs(), set()
    for path, links in all_links().items():
        overlay = path.name.split(".")[0]
        for name, board in BOARDS.items():
            for device in board["devices"]:
                entry = links.get(device)
                inputs = entry.get("inputs") if isinstance(entry, dict) else None
                if inputs and today.get(f"{name}/{overlay}", inputs) != inputs:
                    found.add(f"{name}/{overlay}")
    return sorted(found)


def board_of(device):
    """Return a device with the board that has it, where they are called differently."""
    names = [name for name, board in BOARDS.items() if device in board["devices"]]
    return device if device in names or not names else f"{', '.join(names)} ({device})"


class Counter:
    """Shows on a terminal how many of `total` files are done."""

    def __init__(self, total):
        self.total, self.done, self.lock = total, 0, threading.Lock()
        self.show()

    def add(self):
        """Count one more."""
        with self.lock:
            self.done += 1
            self.show()

    def show(self):
        if sys.stderr.isatty():
            print(
                f"\r{self.done} of {self.total} files verified", end="", file=sys.stderr
            )

    def clear(self):
        """Take the line away."""
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
