# The template's file: `copier update` merges its changes with yours.
"""Downloads a file that a link file describes: again and again, and checks what came.

A broken download goes on where it stopped.
"""

import contextlib
import errno
import hashlib
import http.client
import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

TIMEOUT = 30  # seconds without a byte
TRIES = 4  # in a row that bring nothing new
PAUSE = 0.5  # seconds after the first of them; it doubles with each further one
CHUNK = 1 << 18  # bytes, all that a download holds in memory
PASSING = (408, 425, 429, 500, 502, 503, 504)  # answers that may change soon
FULL = (errno.ENOSPC, errno.EDQUOT)


class Failure(Exception):
    """A file cannot be had; the text says why and what to do."""


class NotThere(Failure):
    """No file is at the address."""


def download(entry, path, label, show=None):
    """Download what the entry of a link file is about to `path`, and go on with what lies there.

    OVERLAY_MIRROR, a folder or an address, stands in for the host of the link. `label` says in what
    goes wrong which file it is, and `show(bytes, total)` is called as they come. Raises Failure, or
    OSError for a full disk.
    """
    addresses = addresses_of(entry["url"], label)
    for address in addresses:
        try:
            return fetch(address, path, entry, label, show)
        except NotThere:
            if address == addresses[-1]:
                raise


def addresses_of(url, label):
    """Return where to look for the file with this `url`: there, or in OVERLAY_MIRROR.

    A mirror has it under the path of the url or, as in a folder of uploaded files, by its name alone.
    """
    mirror = os.environ.get("OVERLAY_MIRROR")
    if not mirror:
        return [url]
    parts = urlsplit(url)
    query = "?" + parts.query if parts.query else ""
    name = unquote(url.replace("=", "/").split("/")[-1])
    if "://" in mirror:
        prefix = mirror.rstrip("/") + "/"
        return [prefix + parts.path.lstrip("/") + query, prefix + quote(name)]
    paths = [Path(mirror, unquote(parts.path).lstrip("/")), Path(mirror, name)]
    found = [path.resolve().as_uri() for path in paths if path.is_file()]
    if not found:
        text = f"{label} is not in OVERLAY_MIRROR={mirror}; put {name} there"
        raise NotThere(f"{text} or unset the variable to take it from {url}")
    return found[:1]


def fetch(address, path, entry, label, show):
    """Download the file at `address` to `path`, as often as there is hope. Raises Failure, OSError."""
    whole = False  # what lies here came in one answer
    most = tries = 0
    while not is_right(path, entry):
        if whole:
            raise Failure(wrong_file(path, entry, address, label))
        try:
            whole = receive(address, path, show)
            continue
        except urllib.error.HTTPError as error:
            problem = error
            if error.code == 308:  # urllib follows it from Python 3.11 on
                address = urljoin(address, error.headers["Location"] or "")
            elif error.code == 416:  # there are no more bytes, so some are wrong
                remove(path)
            elif error.code not in PASSING:
                remove(path)
                raise NotThere(no_answer(address, label, error)) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = error
            if getattr(error, "errno", None) in FULL:
                remove(path)
                raise
        size = os.path.getsize(path) if os.path.exists(path) else 0
        tries = 1 if size > most else tries + 1
        most = max(most, size)
        if tries == TRIES or isinstance(problem, ValueError):
            raise Failure(no_answer(address, label, problem))
        time.sleep(PAUSE * 2 ** (tries - 1))


def receive(address, path, show):
    """Append to the file at `path` what it lacks of the one at `address`, or get it anew.

    Returns whether all of it came now. Raises OSError, HTTPException or ValueError.
    """
    size = os.path.getsize(path) if os.path.exists(path) else 0
    request = urllib.request.Request(address, headers={"User-Agent": "pynq-overlay"})
    if size:
        request.add_header("Range", f"bytes={size}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        given = response.headers.get("Content-Range") or ""
        resumed = response.getcode() == 206 and given.startswith(f"bytes {size}-")
        size = size if resumed else 0
        length = response.headers.get("Content-Length")
        total = size + int(length) if length else None
        if total and total - size > shutil.disk_usage(os.path.dirname(path)).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        with open(path, "ab" if resumed else "wb") as file:
            for chunk in iter(lambda: response.read(CHUNK), b""):
                file.write(chunk)
                size += len(chunk)
                if show:
                    show(size, total)
            file.flush()
            os.fsync(file.fileno())
    if total and size < total:
        raise ConnectionError(f"the line was cut after {size} of {total} bytes")
    return not resumed


def remove(path):
    """Remove the file at `path` if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)


def wrong_file(path, entry, address, label):
    """Say what came in place of the file with the right sum, and remove it."""
    with open(path, "rb") as file:
        page = file.read(64).lstrip()[:1] == b"<"
    size = os.path.getsize(path)
    remove(path)
    algorithm, wanted = sum_of(entry)
    what = "a web page" if page else f"another file, of {size} bytes,"
    return (
        f"{what} came for {label} from {address}: its {algorithm} is not {wanted}; "
        "try again, then tell the maintainers"
    )


def no_answer(address, label, problem):
    """Say why the file at `address` cannot be had and what to do."""
    reason = getattr(problem, "reason", None) or problem
    reason = getattr(reason, "strerror", None) or reason
    if isinstance(problem, urllib.error.HTTPError):
        reason = f"{problem.code} {problem.reason}"
    advice = "check the network and try again, or name a copy in OVERLAY_MIRROR"
    if isinstance(problem, urllib.error.HTTPError):
        advice = "tell the maintainers, or name a copy in OVERLAY_MIRROR"
    if "CERTIFICATE" in str(reason).upper():
        advice = f"is the clock right? It says {time.strftime('%Y-%m-%d')}"
    return f"{label} could not be had from {address}: {reason}; {advice}"


def progress(label):
    """Return a function that shows on the terminal how much of a file has come, or else prints a line."""
    terminal = sys.stderr.isatty()
    shown = [0.0]

    def show(size, total):
        now = time.monotonic()
        done = size == total
        if not terminal:
            if not shown[0]:
                amount = f" ({total / 1e6:.1f} MB)" if total else ""
                print(f"Downloading {label}{amount}", file=sys.stderr)
        elif done or now - shown[0] > 0.1:
            text = f"{label}  {size / 1e6:.1f} MB"
            if total:
                bar = "=" * (20 * size // total)
                text = f"{label}  [{bar:20}] {size / 1e6:.1f} of {total / 1e6:.1f} MB"
            width = shutil.get_terminal_size().columns - 1
            print(
                f"\r{text[:width]:{width}}", end="\n" if done else "", file=sys.stderr
            )
        shown[0] = now

    return show


def sum_of(entry):
    """Return the algorithm and the sum, in lower case, of an entry of a link file; "" if it has none."""
    algorithm = "sha256" if entry.get("sha256") else "md5"
    return algorithm, (entry.get("sha256") or entry["md5sum"] or "").lower()


def is_right(path, entry):
    """Say whether the file at `path` is there and has the sum that the link file gives."""
    algorithm, wanted = sum_of(entry)
    try:
        with open(path, "rb") as file:
            found = hashlib.new(algorithm)
            for chunk in iter(lambda: file.read(CHUNK), b""):
                found.update(chunk)
    except OSError:
        return False
    return found.hexdigest() == wanted
