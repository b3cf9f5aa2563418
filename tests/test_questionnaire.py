"""The questionnaire, answered key by key in a pseudo-terminal."""

import os
import sys
import time

import pexpect
import pyte
import yaml
from helpers.render import run, validate

DOWN, SPACE, ENTER, CLEAR = "\x1b[B", " ", "\r", "\x15"


class Terminal:
    """A person at `copier copy`, who reads the screen and then types."""

    def __init__(self, template, destination):
        arguments = ["-m", "copier", "copy", str(template), str(destination)]
        # This terminal does not tell where its cursor is; being asked costs a second a question.
        environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self.child = pexpect.spawn(
            sys.executable, arguments, env=environment, encoding="utf-8", dimensions=(200, 160)
        )
        self.screen = pyte.Screen(160, 200)
        self.stream = pyte.Stream(self.screen)

    def wait_for(self, text):
        """Read on until the screen shows `text`, for a minute at most."""
        end = time.monotonic() + 60
        while text not in " ".join(" ".join(self.screen.display).split()):
            assert time.monotonic() < end, "\n".join(self.screen.display)
            try:
                self.stream.feed(self.child.read_nonblocking(4096, timeout=1))
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
    person = Terminal(template, tmp_path / "fir-filter")
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
    person = Terminal(template, tmp_path / "x")
    for question in (
        "Name of the Python",
        "One line that",
        "Author, as",
        "Address where users reach",
        "GitHub user",
        "Home page",
        "Licence of",
    ):
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


def test_without_a_terminal_it_says_what_to_do(template, tmp_path):
    result = run(sys.executable, "-m", "copier", "copy", template, tmp_path / "x", check=False)
    assert result.returncode != 0
    assert "--defaults" in result.stderr
    assert not (tmp_path / "x").exists()
