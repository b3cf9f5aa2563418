"""The questionnaire, answered key by key in a pseudo-terminal."""

import os
import sys
import time

import pexpect
import pyte
import yaml
from helpers.render import run, validate
from helpers.update import made, plain

DOWN, SPACE, ENTER, CLEAR = "\x1b[B", " ", "\r", "\x15"
FIRST_QUESTIONS = [
    "Name of the Python",
    "One line that",
    "Author, as",
    "Address where users reach",
    "GitHub user",
    "Home page",
    "Licence of",
]
LAST_QUESTIONS = [
    "Where the overlay runs",
    "Boards to build for",
    "Boards that the list lacks",
    "Names of the overlays",
    "Folder on the web",
    "Where the repository's checks run",
]


class Terminal:
    """A person at `copier`, who reads the screen and then types."""

    def __init__(self, *arguments, cwd=None):
        """`arguments` are Copier's."""
        environment = {**os.environ, "TERM": "xterm"}
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "copier", *map(str, arguments)],
            env=environment,
            encoding="utf-8",
            dimensions=(200, 160),
            cwd=cwd,
        )
        self.screen = pyte.Screen(160, 200)
        self.stream = pyte.Stream(self.screen)

    def wait_for(self, text):
        """Read on until the screen shows `text`, for a minute at most."""
        end = time.monotonic() + 60
        while text not in " ".join(" ".join(self.screen.display).split()):
            assert time.monotonic() < end, "\n".join(self.screen.display)
            try:
                output = self.child.read_nonblocking(4096, timeout=1)
                self.stream.feed(output)
                for _ in range(output.count("\x1b[6n")):  # asks where the cursor is
                    at = self.screen.cursor
                    self.child.send(f"\x1b[{at.y + 1};{at.x + 1}R")
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                raise AssertionError("\n".join(self.screen.display)) from None

    def answer(self, question, *keys):
        self.wait_for(question)
        for key in keys:
            self.child.send(key)

    def finish(self):
        """Wait for the message at the end; return the exit status."""
        self.wait_for("files that your answers call for are there.")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


def test_a_person_answers_and_corrects_mistakes(template, tmp_path):
    person = Terminal("copy", template, tmp_path / "fir-filter")
    person.answer("Name of the Python package", CLEAR, "json", ENTER)
    person.answer("Python's own module", CLEAR, "pynq_fir", ENTER)
    person.answer("One line that says", CLEAR, 'A "fast" FIR filter', ENTER)
    person.answer("Author, as PyPI", "Ada", ENTER)
    person.answer("Address where users reach", "ada", ENTER)
    person.answer("one address", CLEAR, "ada@example.com", ENTER)
    person.answer("GitHub user", "ada", ENTER)
    person.answer("Home page", ENTER)
    person.answer("Licence of what you write", DOWN, DOWN, ENTER)  # MIT
    person.answer("Where the overlay runs", DOWN, SPACE, ENTER)  # not pcie
    person.answer("Boards to build for", SPACE, DOWN, SPACE, ENTER)  # Pynq-Z1 in, Pynq-Z2 out
    person.answer("Boards that the list lacks", CLEAR, "[{name: MyBoard}]", ENTER)
    person.answer("platform must be one of", CLEAR, "[]", ENTER)
    person.answer("Names of the overlays", CLEAR, "fir", ENTER)
    person.answer("Write a YAML list with at least one name", CLEAR, "[fir]", ENTER)
    person.answer("Folder on the web", ENTER)
    person.answer("Where the repository's checks run", DOWN, ENTER)  # gitlab
    assert person.finish() == 0

    answers = yaml.safe_load((tmp_path / "fir-filter/.copier-answers.yml").read_text())
    assert {key: value for key, value in answers.items() if key[0] != "_"} == {
        "module_name": "pynq_fir",
        "description": 'A "fast" FIR filter',
        "user_name": "Ada",
        "user_email": "ada@example.com",
        "github_user": "ada",
        "repository_url": "https://github.com/ada/pynq-fir",
        "license": "MIT",
        "platforms": ["edge"],
        "boards": ["Pynq-Z1", "ZCU104"],
        "custom_boards": [],
        "overlays": ["fir"],
        "artifact_url": "https://github.com/ada/pynq-fir/releases/download/v{version}",
        "ci": "gitlab",
    }
    assert validate(tmp_path / "fir-filter").returncode == 0


def test_a_platform_without_a_board_is_asked_for_one(template, tmp_path):
    person = Terminal("copy", template, tmp_path / "x")
    for question in FIRST_QUESTIONS:
        person.answer(question, ENTER)
    person.answer("Where the overlay runs", SPACE, ENTER)  # not edge
    person.answer("Boards to build for", SPACE, ENTER)  # not U200, the first and only one ticked
    card = "{name: Mine, platform: pcie, family: alveo, part: xcu, vitis_platform: xilinx_mine_1}"
    person.answer("Boards that the list lacks", "[]", ENTER)
    person.answer("Platform pcie has no board", CLEAR, f"[{card}]", ENTER)
    person.answer("Names of the overlays", ENTER)
    person.answer("Folder on the web", ENTER)
    person.answer("Where the repository's checks run", ENTER)
    assert person.finish() == 0
    assert (tmp_path / "x/boards/Mine/x/Makefile").exists()


def test_dropping_is_refused_at_the_prompt(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    before = plain(repository)
    person = Terminal("update", cwd=repository)
    for question in FIRST_QUESTIONS:
        person.answer(question, ENTER)
    person.answer("Where the overlay runs", DOWN, SPACE, ENTER)  # not pcie
    person.answer("vision/notebooks/pcie still has files: `git rm -r vision/notebooks/pcie`", SPACE)
    person.child.send(ENTER)
    person.answer("Boards to build for", DOWN, SPACE, ENTER)  # not Pynq-Z2
    person.answer("boards/Pynq-Z2 still has files: `git rm -r boards/Pynq-Z2`", SPACE, ENTER)
    person.answer("Boards that the list lacks", ENTER)
    person.answer("Names of the overlays", CLEAR, "[fir]", ENTER)
    person.answer("The overlay vision still has files", CLEAR, "[vision]", ENTER)
    person.answer("Folder on the web", ENTER)
    person.answer("Where the repository's checks run", DOWN, ENTER)  # gitlab
    person.wait_for("FilterArgumentError: .github/workflows/check.yml, ")
    assert plain(repository) == before


def test_an_update_is_answered_with_enter(releases, tmp_path):
    repository = made(releases, tmp_path / "vision", module_name="vision")
    before = plain(repository)
    person = Terminal("update", cwd=repository)
    for question in FIRST_QUESTIONS + LAST_QUESTIONS:
        person.answer(question, ENTER)
    assert person.finish() == 0
    after = plain(repository)
    assert set(after) == set(before)
    assert after[".copier-answers.yml"] == before[".copier-answers.yml"]
    assert b"A fix of the next release." in after["Makefile"]


def test_without_a_terminal_it_says_what_to_do(template, tmp_path):
    result = run(sys.executable, "-m", "copier", "copy", template, tmp_path / "x", check=False)
    assert result.returncode != 0
    assert "--defaults" in result.stderr
    assert not (tmp_path / "x").exists()
