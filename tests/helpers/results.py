"""What builds leave: files with the headers that Vivado and v++ write, and real .hwh files."""

import importlib.util
import re
from pathlib import Path


def bit(part, content=b"configuration"):
    """Return a .bit for `part` as its header names it ("7z020clg400"), to the format of Vivado."""

    def field(key, text):
        data = text.encode() + b"\0"
        return key + len(data).to_bytes(2, "big") + data

    head = b"\x00\x09" + bytes.fromhex("0ff00ff00ff00ff000") + b"\x00\x01"
    head += field(b"a", "design_1_wrapper;UserID=0XFFFFFFFF;Version=2024.1")
    head += field(b"b", part) + field(b"c", "2026/11/23") + field(b"d", "21:00:00")
    return head + b"e" + len(content).to_bytes(4, "big") + content


def hwh(name):
    """Return a .hwh that real Vivado wrote, from pynqmetadata: "resizer" or "rfsoc_sam"."""
    package = Path(importlib.util.find_spec("pynqmetadata").origin).parent
    return (package / "tests" / "hwhs" / f"{name}.hwh").read_bytes()


def hwh_for(part, board_part=""):
    """Return the real .hwh of a Zynq board with another part and board in its SYSTEMINFO."""
    found = re.match(r"xc(7z\d+)([a-z]+\d+)-", part) or re.match(r"(\w+)-(\w+)-", part)
    device, package = found.groups()
    board = f'BOARD="{board_part}" ' if board_part else ""
    info = f'<SYSTEMINFO ARCH="x" {board}DEVICE="{device}" NAME="x" PACKAGE="{package}"/>'
    return re.sub(rb"<SYSTEMINFO[^>]*>", info.encode(), hwh("resizer"))


def xclbin(platform, content=b"sections"):
    """Return an .xclbin whose header names `platform`, by struct axlf of PYNQ's binding to XRT."""
    return b"xclbin2\0" + bytes(344) + platform.encode().ljust(64, b"\0") + bytes(36) + content
