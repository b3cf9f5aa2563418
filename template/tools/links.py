# The template's file: `copier update` merges its changes with yours.
"""Write the link files for the bitstreams that were built, and collect these for upload.

links.py [--from FOLDER] [--board BOARD]

Takes the results in boards/, or those in FOLDER: <board>/<overlay>/<overlay>.bit,
<overlay>-<board>.bit or names as they are published. Entries of boards that were not built stay as they
are; a board that a link file lacks gets an entry that waits for its file.
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from bitstreams import find_problem
from repository import (
    BOARDS,
    DEVICES,
    LAYOUT,
    OVERLAYS,
    ROOT,
    UPLOAD,
    chosen_boards,
    entries,
    facts,
    git,
    link_paths,
    published_name,
    published_url,
    read_link,
    shown,
    stop,
    sums,
    todays_inputs,
    version,
)


def main():
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(
        description="Write link files for built bitstreams."
    )
    parser.add_argument("--from", dest="source", metavar="FOLDER", default="")
    parser.add_argument("--board", default="")
    options = parser.parse_args()
    source = Path(options.source) if options.source else ROOT / "boards"
    if not source.is_dir():
        stop(f"FROM={source} is no folder; name the one with the bitstreams")
    results = find_results(source, chosen_boards(options.board))
    plan = pending_entries()
    if not results and not plan:
        where = f"in {source}" if options.source else "yet; type make -C boards"
        stop(
            f"There are no bitstreams {where}, or name their folder: make links FROM=folder"
        )
    problems = [
        problem for build in results for problem in problems_of(build, results[build])
    ]
    if problems:
        stop(
            "\n".join([*problems, "Nothing was written; mend that and type it again."])
        )
    for (board, overlay), files in results.items():
        for ending in BOARDS[board]["files"]:
            plan[board, overlay, ending] = new_entry(board, overlay, ending, files)
    refuse_reuse(plan)
    changed = write_links(plan)
    copied = [
        place_for_upload(*key, results[key[:2]][key[2]])
        for key, entry in plan.items()
        if entry["md5sum"]
    ]
    for path in changed:
        print(f"wrote {shown(path)}")
    if results:
        report(results, bool(changed) or any(copied))


def find_results(source, boards):
    """Return the files below `source` by ending, for each board and overlay that has any."""
    found = {}
    for board in boards:
        for overlay in OVERLAYS:
            folder = source / board / overlay
            files = {}
            for ending in BOARDS[board]["files"] + ["digest"]:
                places = [
                    folder / f"{overlay}.{ending}",
                    source / f"{overlay}-{board}.{ending}",
                    source / published_name(overlay, board, ending),
                ]
                there = [place for place in places if place.is_file()]
                if there:
                    files[ending] = there[0]
            if set(files) - {"digest"}:
                found[board, overlay] = files
    return found


def problems_of(build, files):
    """Yield what is wrong with the files of one build."""
    board, overlay = build
    others = {name: facts(name, overlay) for name in BOARDS if name != board}
    for ending in BOARDS[board]["files"]:
        if ending not in files:
            there = " and ".join(
                path.name for end, path in files.items() if end != "digest"
            )
            yield f"{board}/{overlay}: {there} has no .{ending} beside it; a board needs both"
            continue
        problem = find_problem(files[ending], ending, facts(board, overlay), others)
        if problem:
            yield f"{shown(files[ending])} cannot be for {board}: it {problem}"


def new_entry(board, overlay, ending, files):
    """Return the entry of a link file for a built file."""
    md5, sha256 = sums(files[ending])
    entry = {
        "url": published_url(overlay, board, ending),
        "md5sum": md5,
        "sha256": sha256,
    }
    entry["size"] = files[ending].stat().st_size
    if inputs_of(files):
        entry["inputs"] = inputs_of(files)
    return entry


def inputs_of(files):
    """Return the digest of what the files of a build were made from; None if it is not known."""
    words = (
        files["digest"].read_text(encoding="utf-8").split() if "digest" in files else []
    )
    return words[0] if words else None


def pending_entries():
    """Return an entry without sums for each file of a board that its link file lacks."""
    found = {}
    for board, about in BOARDS.items():
        for overlay in OVERLAYS:
            for ending in about["files"]:
                url = published_url(overlay, board, ending)
                for path in link_paths(about["platform"], f"{overlay}.{ending}"):
                    links = read_link(path)
                    per_device = (
                        entries(links) is links and not path.with_suffix("").exists()
                    )
                    if per_device and set(about["devices"]).difference(links):
                        found[board, overlay, ending] = {"url": url, "md5sum": None}
    return found


def refuse_reuse(plan):
    """Stop if a published name would get another content: PYNQ and mirrors keep files by name."""
    tags = git("tag", "--list", f"v{version()}", version())
    for (board, overlay, ending), entry in plan.items():
        for path in link_paths(BOARDS[board]["platform"], f"{overlay}.{ending}"):
            for old in entries(read_link(path)).values():
                same_name = isinstance(old, dict) and old.get("url") == entry["url"]
                if (
                    tags
                    and same_name
                    and old.get("md5sum") not in (None, entry["md5sum"])
                ):
                    stop(
                        f"{entry['url']} is published with {tags[0]} and this is another file; "
                        "raise __version__, then type it again. Nothing was written."
                    )


def write_links(plan):
    """Write the planned entries into their link files; return the files that changed."""
    changed = {}
    for (board, overlay, ending), entry in plan.items():
        for path in link_paths(BOARDS[board]["platform"], f"{overlay}.{ending}"):
            links = changed.setdefault(path, read_link(path))
            if entries(links) is not links:
                stop(
                    f"{shown(path)} has one url for every device; give each device an entry"
                )
            for device in BOARDS[board]["devices"]:
                if device in links and entry["md5sum"] is None:
                    continue
                kept = links.get(device)
                kept = dict(kept) if isinstance(kept, dict) else {}
                kept.pop("inputs", None)
                links[device] = {**kept, **entry}
    order = {device: place for place, device in enumerate(DEVICES)}
    written = []
    for path, links in changed.items():
        ordered = dict(
            sorted(links.items(), key=lambda item: order.get(item[0], len(order)))
        )
        text = json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            replace(
                path, lambda part, text=text: part.write_text(text, encoding="utf-8")
            )
            written.append(path)
    return written


def place_for_upload(board, overlay, ending, path):
    """Copy a file to the upload folder under its published name; say whether it was new there."""
    target = UPLOAD / version() / published_name(overlay, board, ending)
    if target.exists() and sums(target) == sums(path):
        return False
    replace(target, lambda part: shutil.copyfile(path, part))
    return True


def replace(path, write):
    """Let `write` make the file at `path`; until it is whole, the old one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        write(part)
        os.replace(part, path)
    finally:
        if part.exists():
            part.unlink()


def report(results, anything_new):
    """Print what is odd about the results, and what to do next."""
    today = todays_inputs()
    for (board, overlay), files in results.items():
        built = inputs_of(files)
        if built and today.get(f"{board}/{overlay}", built) != built:
            print(f"note: {board}/{overlay} was built from other sources than today's")
    left = [name for name in BOARDS if not any(name == board for board, _ in results)]
    if left:
        print(
            f"note: no bitstreams of {', '.join(left)} here; their links stay as they are"
        )
    if not anything_new:
        print("Every link was right already.")
    folder = shown(UPLOAD / version())
    address = (
        LAYOUT["published_url"].split("{overlay}")[0].replace("{version}", version())
    )
    print(f"Upload what is in {folder} to {address}, then type make verify-links.")


if __name__ == "__main__":
    sys.exit(main())
