"""The questions: their names, their defaults, and the sentence that a wrong answer gets."""

import json
import keyword
import shutil
import sys

import pytest
import yaml
from helpers import interpreters
from helpers.render import (
    CATALOGUE,
    CUSTOM_BOARDS,
    EVERY_BOARD,
    HOSTILE,
    TEMPLATE,
    contents_of,
    files_of,
    links_of,
    render,
    run,
)

ANSWERS = [
    "module_name",
    "description",
    "user_name",
    "user_email",
    "github_user",
    "repository_url",
    "license",
    "platforms",
    "boards",
    "custom_boards",
    "overlays",
    "artifact_url",
    "ci",
]


def answers_of(repository):
    return yaml.safe_load((repository / ".copier-answers.yml").read_text())


def refusal(template, tmp_path, **answers):
    """Return what a wrong answer is told, having seen that nothing was written."""
    destination = tmp_path / "my-overlay"
    with pytest.raises(ValueError) as caught:
        render(template, destination, **answers)
    assert not destination.exists()
    return " ".join(str(caught.value).split())


def test_names_are_the_interface(default_repository):
    own = {"_commit", "_src_path"}
    assert set(answers_of(default_repository)) - own == set(ANSWERS)


def test_defaults_fit_each_other(default_repository):
    answers = answers_of(default_repository)
    assert {key: answers[key] for key in ANSWERS} == {
        "module_name": "my_overlay",
        "description": "my-overlay, an FPGA overlay for PYNQ",
        "user_name": "",
        "user_email": "",
        "github_user": "",
        "repository_url": "https://example.com/my-overlay",
        "license": "BSD-3-Clause",
        "platforms": ["edge", "pcie"],
        "boards": ["Pynq-Z2", "ZCU104", "U200"],
        "custom_boards": [],
        "overlays": ["my_overlay"],
        "artifact_url": "https://example.com/my-overlay/releases/download/v{version}",
        "ci": "github",
    }


@pytest.mark.parametrize(
    "folder, module",
    [
        ("my-overlay", "my_overlay"),
        ("PYNQ-Vision", "pynq_vision"),
        ("2d filter [v2]", "overlay_2d_filter_v2"),
        ("pynq", "pynq_overlay"),
        ("tests", "tests_overlay"),
        ("json", "json_overlay"),
        ("class", "class_overlay"),
        ("con", "con_overlay"),
        ("日本", "my_overlay"),
        ("--x--", "x"),
        ("n" * 80, "my_overlay"),
    ],
)
def test_module_name_comes_from_the_folder(template, tmp_path, folder, module):
    assert answers_of(render(template, tmp_path / folder))["module_name"] == module


@pytest.mark.parametrize(
    "module, overlay",
    [
        ("vision", "vision"),
        ("pynq_vision", "vision"),
        ("pynq_random", "pynq_random"),
        ("pynq_2d", "pynq_2d"),
        ("pynq_pynq_x", "pynq_x"),
    ],
)
def test_overlay_is_named_after_the_module(template, tmp_path, module, overlay):
    answers = answers_of(render(template, tmp_path / "x", module_name=module))
    assert answers["overlays"] == [overlay]


@pytest.mark.parametrize(
    "repository_url, releases",
    [
        ("https://github.com/ada/x", "https://github.com/ada/x/releases/download/v{version}"),
        ("https://gitlab.com/ada/x/", "https://gitlab.com/ada/x/-/releases/v{version}/downloads"),
    ],
)
def test_bitstreams_come_from_the_releases_of_the_repository(
    template, tmp_path, repository_url, releases
):
    answers = answers_of(render(template, tmp_path / "x", repository_url=repository_url))
    assert answers["artifact_url"] == releases


def test_github_user_makes_the_home_page(template, tmp_path):
    answers = answers_of(render(template, tmp_path / "fir", github_user="ada"))
    assert answers["repository_url"] == "https://github.com/ada/fir"


@pytest.mark.parametrize("platform, boards", [("edge", ["Pynq-Z2", "ZCU104"]), ("pcie", ["U200"])])
def test_default_boards_fit_the_platform(template, tmp_path, platform, boards):
    assert answers_of(render(template, tmp_path / "x", platforms=[platform]))["boards"] == boards


NAME_RULES = [
    ("1x", "begin with a letter"),
    ("a-b", "begin with a letter"),
    ("../x", "begin with a letter"),
    ("a/b", "begin with a letter"),
    ("a\nb", "begin with a letter"),
    ("ab\n", "begin with a letter"),
    ("", "begin with a letter"),
    ("größe", "begin with a letter"),
    ("_x", "begin with a letter"),
    ("{{ 7 * 7 }}", "begin with a letter"),
    ("x" * 61, "at most 60"),
    ("class", "word of the Python language"),
    ("None", "word of the Python language"),
    ("json", "Python's own module"),
    ("distutils", "Python's own module"),
    ("cProfile", "Python's own module"),
    ("pynq", "taken by PYNQ"),
    ("Tests", "taken by PYNQ"),
    ("tests", "taken by PYNQ"),
    ("boards", "taken by PYNQ"),
    ("numpy", "taken by PYNQ"),
    ("aux", "on Windows"),
]


@pytest.mark.parametrize("name, rule", [*NAME_RULES, ("x_", "ends in an underscore")])
def test_module_name_is_importable_and_hides_nothing(template, tmp_path, name, rule):
    told = refusal(template, tmp_path, module_name=name)
    assert "'module_name'" in told and rule in told


@pytest.mark.parametrize("name, rule", NAME_RULES)
def test_overlay_names_are_importable_and_hide_nothing(template, tmp_path, name, rule):
    told = refusal(template, tmp_path, overlays=["fine", name])
    assert "'overlays'" in told and rule in told


CUSTOM = CUSTOM_BOARDS[0]
CARD = CUSTOM_BOARDS[1]


def without(board, *keys, **changes):
    return {**{key: value for key, value in board.items() if key not in keys}, **changes}


@pytest.mark.parametrize(
    "answers, rule",
    [
        ({"description": ""}, "at least one word"),
        ({"description": "x" * 513}, "at most 512 characters"),
        ({"description": "two\nlines"}, "one line"),
        ({"description": "bell\x07"}, "control characters"),
        ({"user_name": "two\u2028lines"}, "one line"),
        ({"user_email": "nobody"}, "one address"),
        ({"user_email": "a@b, c@d"}, "one address"),
        ({"github_user": "a/b"}, "letters, digits and single dashes"),
        ({"github_user": "-a"}, "letters, digits and single dashes"),
        ({"github_user": "a\n"}, "letters, digits and single dashes"),
        ({"repository_url": "ftp://example.com"}, "https://"),
        ({"repository_url": "https://a b"}, "no spaces"),
        ({"repository_url": 'https://a/"'}, "quotes"),
        ({"repository_url": "https://a/{version}"}, "braces"),
        ({"artifact_url": "https://a/{release}"}, "{version}"),
        ({"artifact_url": "example.com/x"}, "https://"),
        ({"artifact_url": "https://a/\n"}, "no spaces"),
        ({"license": "GPL"}, "'GPL' is not in"),
        ({"platforms": []}, "at least one platform"),
        ({"platforms": ["edge", "cloud"]}, "'cloud' is not in"),
        ({"boards": ["pynq-z2"]}, "'pynq-z2' is not in"),
        ({"boards": ["../x"]}, "'../x' is not in"),
        ({"boards": ["U200"], "platforms": ["edge"]}, "'U200' is not in"),
        ({"boards": ["Pynq-Z2"]}, "Platform pcie has no board"),
        ({"boards": []}, "Platform edge has no board"),
        ({"overlays": []}, "at least one name"),
        ({"overlays": "resizer"}, "YAML list"),
        ({"overlays": {"a": 1}}, "YAML list"),
        ({"overlays": 5}, "YAML list"),
        ({"overlays": ["a", 5]}, "begin with a letter"),
        ({"overlays": ["a", None]}, "begin with a letter"),
        ({"overlays": ["a", ["b"]]}, "begin with a letter"),
        ({"overlays": ["fir", "FIR"]}, '"FIR" is there twice'),
        ({"custom_boards": "MyBoard"}, "YAML list of boards"),
        ({"custom_boards": CUSTOM}, "YAML list of boards"),
        ({"custom_boards": ["MyBoard"]}, '"MyBoard" is no board'),
        ({"custom_boards": [without(CUSTOM, "name")]}, "A board's name has letters"),
        ({"custom_boards": [without(CUSTOM, name="../x")]}, '"../x" does not do'),
        ({"custom_boards": [without(CUSTOM, name="a b")]}, '"a b" does not do'),
        ({"custom_boards": [without(CUSTOM, name="x" * 61)]}, "at most 60"),
        ({"custom_boards": [without(CUSTOM, name="Common")]}, '"Common" is taken'),
        ({"custom_boards": [without(CUSTOM, name="all")]}, '"all" is taken'),
        ({"custom_boards": [without(CUSTOM, name="nul")]}, '"nul" is taken'),
        ({"custom_boards": [without(CUSTOM, colour="red")]}, '"colour" is unknown'),
        ({"custom_boards": [without(CUSTOM, platform="cloud")]}, "platform must be one of"),
        ({"custom_boards": [CARD], "platforms": ["edge"]}, "platform must be one of"),
        ({"custom_boards": [without(CUSTOM, family="zync")]}, "family must be one of zynq,"),
        ({"custom_boards": [without(CARD, "family")]}, "family is missing"),
        ({"custom_boards": [without(CUSTOM, "part")]}, "part must name the FPGA"),
        ({"custom_boards": [without(CUSTOM, part="a\nb")]}, "part must name the FPGA"),
        ({"custom_boards": [without(CUSTOM, part="$(shell id)")]}, "part must name the FPGA"),
        ({"custom_boards": [without(CUSTOM, "board_part")]}, "needs board_part"),
        ({"custom_boards": [without(CARD, "vitis_platform")]}, "needs vitis_platform"),
        ({"custom_boards": [without(CUSTOM, vitis_platform="x")]}, "leave the other out"),
        ({"custom_boards": [without(CUSTOM, devices="x")]}, "devices is a list"),
        ({"custom_boards": [without(CUSTOM, devices=[])]}, "devices is a list"),
        ({"custom_boards": [without(CUSTOM, devices=["a b"])]}, "no link key"),
        ({"custom_boards": [CUSTOM, without(CUSTOM, name="MYBOARD")]}, "MYBOARD is there twice"),
        ({"custom_boards": [without(CUSTOM, name="PYNQ-z2")]}, "PYNQ-z2 is there twice"),
        (
            {"custom_boards": [without(CUSTOM, devices=["ZCU104"])]},
            "link key ZCU104 is there twice",
        ),
        ({"custom_boards": [without(CUSTOM, devices=["a", "a"])]}, "link key a is there twice"),
        ({"ci": "jenkins"}, "'jenkins' is not in"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_wrong_answer_is_told_the_rule(template, tmp_path, answers, rule):
    told = refusal(template, tmp_path, **answers)
    assert f"'{next(iter(answers))}'" in told or "'custom_boards'" in told
    assert rule in told


def test_wrong_answer_on_the_command_line_ends_in_the_sentence(template, tmp_path):
    command = ["-m", "copier", "copy", "--defaults", "-d", "module_name=class"]
    result = run(sys.executable, *command, template, tmp_path / "x", check=False)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert "'module_name'" in last and "choose another name" in last
    assert not (tmp_path / "x").exists()


def test_platform_is_served_by_a_custom_board_alone(template, tmp_path):
    repository = render(template, tmp_path / "x", boards=["Pynq-Z2"], custom_boards=[CARD])
    links = links_of(repository)
    assert list(links["x/notebooks/pcie/x.xclbin.link"]) == CARD["devices"]


def test_a_custom_board_may_take_the_name_of_a_board_not_chosen(template, tmp_path):
    """The catalogue may learn of a board that somebody described before."""
    own = without(CUSTOM, name="KV260", family="zynquplus")
    repository = render(template, tmp_path / "x", custom_boards=[own])
    makefile = (repository / "boards/KV260/x/Makefile").read_text()
    assert own["part"] in makefile


def test_choices_keep_the_catalogue_order(template, tmp_path):
    shuffled = list(reversed(EVERY_BOARD))
    assert answers_of(render(template, tmp_path / "x", boards=shuffled))["boards"] == EVERY_BOARD


def test_hostile_text_survives_an_answers_file(template, tmp_path):
    first = render(
        template, tmp_path / "a", module_name="m", description=HOSTILE, user_name=HOSTILE
    )
    stored = {k: v for k, v in answers_of(first).items() if not k.startswith("_")}
    second = render(template, tmp_path / "b", **stored)
    assert contents_of(first) == contents_of(second)
    assert "49" not in (first / "README.md").read_text()


def test_new_board_is_one_entry_in_the_catalogue(template, tmp_path):
    """It is asked for, rendered, documented and known to the layout rules."""
    copy = tmp_path / "template"
    shutil.copytree(template, copy, ignore=shutil.ignore_patterns(".git"))
    with (copy / "boards.yml").open("a") as catalogue:
        catalogue.write(
            "\n- name: Newcomer\n  platform: edge\n  family: zynqplus\n  chip: New FPGA\n"
            "  part: xcnew-1\n  board_part: acme.com:new:part0:1.0\n  devices: [Newcomer]\n"
            '  pynq: "5.0"\n'
        )
    repository = render(copy, tmp_path / "x", boards=["Newcomer"], platforms=["edge"])
    assert "boards/Newcomer/x/Makefile" in files_of(repository)
    assert "| Newcomer | New FPGA | 5.0 | `Newcomer` |" in (repository / "README.md").read_text()
    link = repository / "x/notebooks/edge/x.bit.link"
    assert list(json.loads(link.read_text())) == ["Newcomer"]
    link.write_text(link.read_text().replace("Newcomer", "newcomer"))
    shutil.rmtree(repository / "tools")
    told = run(sys.executable, copy / "hooks/validate_layout.py", repository, check=False).stdout
    assert 'PYNQ never asks for "newcomer"; write "Newcomer"' in told


def test_reserved_names_cover_every_standard_module():
    text = (TEMPLATE / "hooks/answers.jinja").read_text()
    words = set(text.split("{% set standard_modules")[1].split("%}")[0].replace("'", " ").split())
    words |= set(text.split("{% set taken_modules")[1].split("%}")[0].replace("'", " ").split())
    for version, python in interpreters.all_found().items():
        if python and version not in ("3.8", "3.9"):  # which keep no list
            code = "import sys; print(*(name.lower() for name in sys.stdlib_module_names))"
            names = run(python, "-c", code).stdout.split()
            assert {name for name in names if name[0] != "_"} <= words, version


def test_reserved_names_are_the_keywords():
    text = (TEMPLATE / "hooks/answers.jinja").read_text()
    words = text.split("{% set keywords")[1].split("%}")[0].replace("'", " ").split()
    assert set(keyword.kwlist) <= set(words)


@pytest.mark.parametrize("name", ["match", "type", "print", "fir2", "FFT", "a_", "x" * 60])
def test_a_name_that_python_allows_is_taken(template, tmp_path, name):
    assert answers_of(render(template, tmp_path / "m", overlays=[name]))["overlays"] == [name]


def test_catalogue_entries_are_whole():
    names = [board["name"].lower() for board in CATALOGUE]
    keys = [key for board in CATALOGUE for key in board["devices"]]
    assert len(set(names)) == len(names) and len(set(keys)) == len(keys)
    for board in CATALOGUE:
        special = {"edge": "board_part", "pcie": "vitis_platform"}[board["platform"]]
        assert set(board) == {
            *("name", "platform", "family", "chip", "part", "devices", "pynq"),
            special,
        }
        assert all(isinstance(board[key], str) for key in set(board) - {"devices"})
