# The template's file: `copier update` merges its changes with yours.
"""Delivers the notebooks with the bitstreams of one device: whole, or not at all and saying why.

`pynq get-notebooks` calls deliver_notebooks() in place of PYNQ's own function, which says nothing about
a device, a sum or a file that is wrong.
"""

import contextlib
import difflib
import json
import logging
import os
import shutil
import sys
import tempfile

from .download import FULL, Failure, download, is_right, progress, sum_of

BITSTREAMS = (".bit", ".pdi")  # a board loads one of them; its FPGA decides which
ANY = ""  # stands for every device in what a link file offers


def deliver_notebooks(
    device, src_path, delivery_path, name, folder=False, overlays_res_lookup=True
):
    """Deliver the notebooks in the folder `src_path` for `device` to `delivery_path`.

    They get a folder called `name` there if `folder` is true. As with PYNQ's function, a folder of
    notebooks that has nothing for the device is left out, and `overlays_res_lookup=False` leaves out
    all bitstreams. What is incomplete waits in `.<name>.part`, where the next run goes on with it.
    Raises SystemExit with one sentence when nothing can be delivered.
    """
    source = os.path.abspath(src_path)
    target = os.path.join(delivery_path, name if folder else "")
    stage = os.path.join(os.path.abspath(delivery_path), f".{name}.part")
    command = f"pynq get-notebooks {name}"
    try:
        deliver, verbose = pynq_function()
        downloads, hidden = {}, set()
        if overlays_res_lookup:
            downloads, hidden = resolve(device, source, command)
        with prepared(stage) as ready:
            fetched = {}  # where a file waits that belongs below `target`
            for file, entry in downloads.items():
                if not is_right(os.path.join(target, file), entry):
                    fetched[file] = os.path.join(stage, stage_name(file, entry))
                    show = progress(file) if verbose else None
                    download(entry, fetched[file], f"{file} for {device}", show)
            with without(hidden, source) as rest:
                deliver(device, rest, ready, name, folder, overlays_res_lookup)
            delivered = os.path.join(ready, name if folder else "")
            if not os.path.isdir(delivered) or not os.listdir(delivered):
                raise Failure(
                    f"there are no notebooks in {source}; install {name} again"
                )
            for file, path in fetched.items():
                os.replace(path, os.path.join(delivered, file))
            move(delivered, target)
    except Failure as problem:
        raise SystemExit(f"{name}: {problem}") from None
    except KeyboardInterrupt:
        raise SystemExit(f"{name}: interrupted; `{command}` goes on with it") from None
    except OSError as problem:
        reason = f"{problem.filename or target}: {problem.strerror or problem}"
        if problem.errno in FULL:
            reason = f"no space is left for {target}; make room and type `{command}`"
        raise SystemExit(f"{name}: nothing was delivered; {reason}") from None


def pynq_function():
    """Return PYNQ's own deliver_notebooks, and whether its user wants to see what goes on."""
    try:
        from pynqutils.runtime import get_logger
        from pynqutils.setup_utils import deliver_notebooks as deliver
    except ImportError:  # PYNQ 2.7
        from pynq.utils import deliver_notebooks as deliver
        from pynq.utils import get_logger
    return deliver, get_logger().isEnabledFor(logging.INFO)


def resolve(device, source, command):
    """Find out where the bitstreams in each folder of notebooks below `source` come from.

    Returns what to download, entries of link files by the path of their file below `source`, and the
    paths to keep from PYNQ, which are settled by that. Raises Failure if no folder is for the device.
    """
    downloads, hidden, left_out, complete = {}, set(), {}, False
    for folder, subfolders, files in os.walk(source):
        if any(file.endswith(".ipynb") for file in files):
            where = os.path.relpath(folder, source)
            names = {file[:-5] for file in files if file.endswith(".link")}
            names |= {file[:-2] for file in subfolders if file.endswith(".d")}
            offers = {name: offer(folder, name) for name in sorted(names)}
            unknown = [name for name in offers if not loadable(name, device, offers)]
            if unknown:
                # PYNQ leaves out a folder in which it sees one link without the device.
                names.remove(unknown[0])
                left_out[where] = wrong_device(device, unknown, offers, command)
            else:
                complete = True
                for name, entry in choose(device, offers).items():
                    downloads[os.path.normpath(os.path.join(where, name))] = entry
            for name in names:
                hidden |= settled(os.path.join(folder, name), device, offers[name])
    if left_out and not complete:
        raise Failure("; ".join(left_out.values()))
    for where, sentence in left_out.items():
        print(f"The notebooks in {where} are left out: {sentence}", file=sys.stderr)
    return downloads, hidden


def offer(folder, name):
    """Return what there is for the file `name` in `folder`: an entry of its link file by device.

    The entry is empty for a file that the package brings. Raises Failure.
    """
    path = os.path.join(folder, name)
    if os.path.isfile(path):
        return {ANY: {}}
    entries = {}
    if os.path.isfile(path + ".link"):
        try:
            with open(path + ".link", encoding="utf-8") as file:
                entries = json.load(file)
            entries = {ANY: entries} if {"url", "md5sum"} <= set(entries) else entries
            for entry in entries.values():
                entry["url"], sum_of(entry)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Failure(f"{path}.link cannot be read; tell its maintainers") from None
    stem, ending = os.path.splitext(name)
    for file in os.listdir(path + ".d") if os.path.isdir(path + ".d") else ():
        if file.startswith(stem + ".") and file.endswith(ending):
            entries[file[len(stem) + 1 : len(file) - len(ending)]] = {}
    return entries


def for_device(device, entries):
    """Return the entry of an offer that is for `device`; None if there is none."""
    return entries.get(device, entries.get(ANY))


def loadable(name, device, offers):
    """Say whether `device` has the file `name`, or the other kind of bitstream beside it."""
    stem, ending = os.path.splitext(name)
    kinds = BITSTREAMS if ending in BITSTREAMS else (ending,)
    return any(
        for_device(device, offers.get(stem + kind, {})) is not None for kind in kinds
    )


def choose(device, offers):
    """Return the entries of link files to download by name, from what is offered by name."""
    entries = {name: for_device(device, offers[name]) for name in offers}
    entries = {name: entry for name, entry in entries.items() if entry}
    for name, entry in entries.items():
        if not sum_of(entry)[1]:
            raise Failure(not_published(name, device, offers[name]))
    return {name: entry for name, entry in entries.items() if not entry.get("unpack")}


def settled(path, device, entries):
    """Return what PYNQ need not see of the link file and the .d folder for the file at `path`."""
    entry = for_device(device, entries)
    if entry == {}:
        return {path + ".link"}  # it is in the package
    if entry and entry.get("unpack"):
        return {path + ".d"}  # PYNQ downloads and unpacks it
    return {path + ".link", path + ".d"}


def stage_name(file, entry):
    """Return the name under which `file` waits; another file of that name in a later release differs."""
    return f"{sum_of(entry)[1]}-{file.replace(os.sep, '-')}"


def wrong_device(device, unknown, offers, command):
    """Say that no file in `unknown` is for `device`, and what to type if another one is meant."""
    devices = sorted({key for name in unknown for key in offers[name]})
    same = [key for key in devices if key.lower() == str(device).lower()]
    near = same or difflib.get_close_matches(str(device), devices, n=1)
    advice = "if yours is one of them, name it with -d"
    if near:
        advice = f"if {near[0]} is meant, type `{command} -d {near[0]}`"
    there = f"only for {', '.join(devices)}" if devices else "or any other"
    return f"there is no {unknown[0]} for the device {device}, {there}; {advice}"


def not_published(name, device, entries):
    """Say that the file `name` for `device` is still to come."""
    ready = sorted(
        key for key, entry in entries.items() if not entry or sum_of(entry)[1]
    )
    there = f", only for {', '.join(ready)}" if ready else ""
    url = for_device(device, entries)["url"]
    text = f"{name} is not published for the device {device} yet{there}; install the next release"
    return f"{text}, which will have it at {url}"


@contextlib.contextmanager
def prepared(stage):
    """Hold the folder `stage` for this process, with an empty folder in it, whose path is the value.

    Of what else lies in it, downloads outlive a failure and nothing a success.
    """
    import fcntl  # Windows has none, and no PYNQ

    os.makedirs(stage, exist_ok=True)
    handle = os.open(stage, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure("another process is delivering it; wait for that") from None
        remove_folders(stage)
        try:
            yield tempfile.mkdtemp(dir=stage)
            shutil.rmtree(stage)
        except BaseException:
            remove_folders(stage)
            with contextlib.suppress(OSError):
                os.rmdir(stage)  # if no download waits there
            raise
    finally:
        os.close(handle)


def remove_folders(stage):
    """Remove the folders in `stage`; a killed run leaves one."""
    for entry in list(os.scandir(stage)):
        if entry.is_dir():
            shutil.rmtree(entry.path)


@contextlib.contextmanager
def without(hidden, source):
    """Make a folder with links to the files below `source` that are not `hidden`; its path is the value."""

    def ignore(folder, names):
        return [name for name in names if os.path.join(folder, name) in hidden]

    with tempfile.TemporaryDirectory() as folder:
        rest = os.path.join(folder, "notebooks")
        shutil.copytree(source, rest, ignore=ignore, copy_function=os.symlink)
        yield rest


def move(source, target):
    """Move what is in the folder `source` to `target`, over what is there, bitstreams first."""
    if not os.path.lexists(target):
        os.rename(source, target)
        return
    found = [
        os.path.join(path, file) for path, _, files in os.walk(source) for file in files
    ]
    for path in sorted(found, key=lambda path: path.endswith(".ipynb")):
        place = os.path.join(target, os.path.relpath(path, source))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.replace(path, place)
