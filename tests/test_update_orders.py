"""Boards, overlays and platforms that come, go and change names, in every order."""

import itertools
import shutil
from pathlib import Path

import pytest
import yaml
from helpers.docs import command
from helpers.render import commit_all, git, run, validate
from helpers.update import add_line, is_owners, made, plain, update

# The owner's lines go into these before anything else happens.
EDITED = ["README.md", "setup.py", "boards/settings.mk", "boards/Pynq-Z2/vision/leds.xdc"]
EDITED += ["boards/ip/vision/vadd.cpp", "boards/common/build.mk", "tools/links.py"]


def answers_of(repository):
    return yaml.safe_load((repository / ".copier-answers.yml").read_text())


def change(repository, **answers):
    """Update at the same version with other answers."""
    options = [part for item in answers.items() for part in ("-d", "{}={}".format(*item))]
    update(repository, "--vcs-ref=:current:", *options)


def add(repository):
    """A board and an overlay come."""
    answers = answers_of(repository)
    before = plain(repository)
    boards, overlays = [*answers["boards"], "KV260"], [*answers["overlays"], "extra"]
    change(repository, boards=boards, overlays=overlays)
    after = plain(repository)
    assert set(before) <= set(after)
    for name in set(after) - set(before):
        assert "/KV260/" in name or "extra" in name, name
    for name in before:
        assert before[name] == after[name] or not is_owners(name, "vision"), name


def drop(repository):
    """The cards go, with their boards and notebooks."""
    (*cards,) = (repository / "boards/ip").glob("*/link.cfg")
    names = ["vision/notebooks/pcie", "boards/U200", "boards/common/vitis.mk", *map(str, cards)]
    git(repository, "rm", "-rq", *names)
    git(repository, "commit", "-qm", "No cards")
    before = set(plain(repository))
    boards = [name for name in answers_of(repository)["boards"] if name != "U200"]
    change(repository, platforms="[edge]", boards=boards)
    assert set(plain(repository)) == before


def rename(repository):
    """An overlay gets another name, as docs/update.md says."""
    folder = repository / "boards/Pynq-Z2/sight"
    folder.mkdir()
    git(repository, "mv", "boards/Pynq-Z2/vision/leds.xdc", str(folder))
    overlays = [
        "sight" if name == "vision" else name for name in answers_of(repository)["overlays"]
    ]
    move, copy = command("update.md", "git mv boards/ip/old").rsplit("copier ", 1)
    assert "overlays='[new]'" in copy
    for old, new in (("old", "vision"), ("new", "sight"), ("my_overlay", "vision")):
        move = move.replace(f"/{old}", f"/{new}").replace(f"{old}/", f"{new}/")
    run("sh", "-ec", move, cwd=repository)
    assert git(repository, "status", "--porcelain") == ""
    change(repository, overlays=overlays)
    assert not list(repository.glob("boards/*/vision"))


STEPS = {"add": add, "drop": drop, "rename": rename}


@pytest.fixture(scope="module")
def after(releases, tmp_path_factory):
    """Give the repository after some steps; beginnings that steps share are done once."""
    folder, done = tmp_path_factory.mktemp("orders"), {}

    def repository_after(*names):
        if names not in done:
            place = folder / ("-".join(names) or "none") / "vision"
            if names:
                shutil.copytree(repository_after(*names[:-1]), place)
                STEPS[names[-1]](place)
                commit_all(place, names[-1])
            else:
                made(releases, place, module_name="vision")
                for name in EDITED:
                    add_line(place / name, f"The owner's line of {name}.")
                commit_all(place, "Mine")
            done[names] = place
        return done[names]

    return repository_after


@pytest.mark.parametrize("order", list(itertools.permutations(STEPS)), ids="-".join)
def test_every_order_ends_alike_and_keeps_every_line(after, order):
    repository = after(*order)
    for name in EDITED:
        now = name.replace("/vision", "/sight")
        assert f"The owner's line of {name}." in (repository / now).read_text(), name
    ends = plain(repository), plain(after("add", "drop", "rename"))
    assert set(ends[0]) == set(ends[1])
    stored = [answers_of(place) for place in (repository, after("add", "drop", "rename"))]
    for answers in stored:
        answers["overlays"].sort()
    assert stored[0] == stored[1]


def test_the_check_says_what_is_left_until_nothing_is(after, tmp_path):
    repository = Path(shutil.copytree(after("add", "drop", "rename"), tmp_path / "vision"))
    told = validate(repository).stdout
    assert "L7 vision/notebooks/edge/sight.bit.link: has no KV260" in told
    assert 'N3 vision/notebooks/edge/sight.ipynb: loads Overlay("vision.bit")' in told
    run("make", "links", cwd=repository)
    notebook = repository / "vision/notebooks/edge/sight.ipynb"
    notebook.write_text(notebook.read_text().replace("vision.bit", "sight.bit"))
    assert validate(repository).returncode == 0, validate(repository).stdout
