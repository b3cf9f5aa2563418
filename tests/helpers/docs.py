"""The commands that the docs tell people to type."""

import re

from helpers.render import TEMPLATE


def blocks(page, language):
    """Return the blocks of `language` on docs/`page`, in their order."""
    text = (TEMPLATE / "docs" / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(page):
    """Return the sh blocks of docs/`page`, in their order."""
    return blocks(page, "sh")


def command(page, beginning):
    """Return the one sh block of docs/`page` that begins so."""
    found = [block for block in commands(page) if block.startswith(beginning)]
    assert len(found) == 1, (page, beginning, found)
    return found[0]
