# The template's file: `copier update` merges its changes with yours.
"""Is a file what its name and place say?"""

import re
import xml.etree.ElementTree as ElementTree

MAGIC = b"xclbin2\0"


def find_problem(path, ending, facts, others):
    """Return what is wrong with the file at `path`, or None.

    `facts` has the variables of the Makefile of its build, `others` those of the other boards, by name.
    """
    if path.stat().st_size == 0:
        return "is empty"
    check = {"bit": bit_problem, "hwh": hwh_problem}.get(ending)
    if ending in ("xclbin", "awsxclbin"):
        check = xclbin_problem
    return check(path, facts, others) if check else None


def bit_problem(path, facts, others):
    """A .bit has a header with fields a to e; field b is the part, without "xc" for older families.

    Source: the header of files that Vivado writes, as PYNQ's own parser reads it.
    """
    part = part_of_bit(path)
    if part is None:
        return "has no header of a bitstream"
    if same_part(part, facts.get("PART", part)):
        return None
    owners = [
        name for name, other in others.items() if same_part(part, other.get("PART", ""))
    ]
    return f"is for the FPGA {part} and not for {facts['PART']}{whose(owners)}"


def part_of_bit(path):
    """Return the part that the header of a .bit names, or None where there is no such header."""
    with open(path, "rb") as file:
        head = file.read(4096)
    place = 2 + int.from_bytes(head[:2], "big") + 2
    fields = {}
    while head[place : place + 1] in (b"a", b"b", b"c", b"d"):
        length = int.from_bytes(head[place + 1 : place + 3], "big")
        value = head[place + 3 : place + 3 + length].rstrip(b"\0")
        fields[head[place : place + 1]] = value.decode("latin-1")
        place += 3 + length
    return fields.get(b"b") if head[place : place + 1] == b"e" else None


def same_part(found, wanted):
    """Say whether a file's part is `wanted`; what the file leaves out, such as the speed grade, may be."""
    found, wanted = plain(found), plain(wanted)
    return bool(found) and (wanted == found or wanted.startswith(found + "-"))


def plain(part):
    """Return a part without its "xc"; the hyphen before a package is not in every name."""
    part = re.sub("^xc", "", part.lower())
    return re.sub(r"^([a-z0-9]+)-([a-z]+[0-9]+)(?=-|$)", r"\1\2", part)


def hwh_problem(path, facts, others):
    """A .hwh has <SYSTEMINFO ARCH BOARD DEVICE PACKAGE SPEEDGRADE>; BOARD only with board files.

    Source: the .hwh files in the pynqmetadata package.
    """
    try:
        info = next(ElementTree.parse(path).iter("SYSTEMINFO")).attrib
    except (ElementTree.ParseError, StopIteration):
        return "is no .hwh of Vivado: it has no SYSTEMINFO"
    part = info.get("DEVICE", "") + info.get("PACKAGE", "")
    board = board_name(info.get("BOARD", ""))

    def fits(facts):
        own = board_name(facts.get("BOARD_PART", ""))
        return same_part(part, facts.get("PART", "")) and (
            not board or not own or board == own
        )

    if fits(facts) or not facts:
        return None
    owners = [name for name, other in others.items() if fits(other)]
    text = f"is for {part}{f' on {board}' if board else ''}"
    own = board_name(facts.get("BOARD_PART", ""))
    return f"{text} and not for {facts.get('PART')}{f' on {own}' if own else ''}{whose(owners)}"


def board_name(board_part):
    """Return the board that a board part names; its vendor and version change over the years."""
    return (board_part.split(":") + [""])[1]


def xclbin_problem(path, facts, others):
    """An .xclbin begins with its magic; its platform stands at byte 352.

    Source: struct axlf in PYNQ's binding to XRT. The name there is not always the one v++ was given,
    so only another board's is an error.
    """
    with open(path, "rb") as file:
        head = file.read(416)
    if not head.startswith(MAGIC):
        return "does not begin with xclbin2, as every .xclbin does"
    platform = re.sub(r"[:.]", "_", head[352:].split(b"\0")[0].decode("latin-1"))
    owners = [name for name, other in others.items() if platform in platforms(other)]
    if owners and platform not in platforms(facts):
        return f"is for the platform {platform} and not for {facts.get('PLATFORM')}{whose(owners)}"
    return None


def platforms(facts):
    """Return the names of a card's platform: v++'s and XRT's."""
    return {facts.get("PLATFORM"), *facts.get("DEVICES", "").split()}


def whose(owners):
    """Name the boards whose file this is."""
    return f": it is the file of {' or '.join(owners)}" if owners else ""
