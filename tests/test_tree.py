"""What comes out: exactly what the answers call for, readable, valid and formatted."""

import ast
import json
import random
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import nbformat
import pytest
import yaml
from helpers.render import (
    CATALOGUE,
    CUSTOM_BOARDS,
    EVERY_BOARD,
    HOSTILE,
    TEMPLATE,
    contents_of,
    files_of,
    links_of,
    run,
    validate,
)
from markdown_it import MarkdownIt

MATRIX = {
    "default answers": {},
    "edge alone": {"platforms": ["edge"], "boards": ["Pynq-Z2"], "ci": "gitlab", "license": "MIT"},
    "pcie alone": {
        "platforms": ["pcie"],
        "boards": ["U200", "AWS-F1"],
        "ci": "none",
        "license": "Apache-2.0",
    },
    "every board": {"boards": EVERY_BOARD},
    "Versal alone": {"platforms": ["edge"], "boards": ["VCK190"]},
    "three overlays": {"overlays": ["resizer", "Filter2D", "fft"], "module_name": "pynq_vision"},
    "custom boards": {"custom_boards": CUSTOM_BOARDS},
    "custom boards alone": {"boards": [], "custom_boards": CUSTOM_BOARDS[:2]},
    "long names": {
        "module_name": "m" * 60,
        "overlays": ["o" * 60],
        "boards": ["Pynq-Z2", "VCK190", "U200"],
    },
    "hostile text": {
        "description": HOSTILE,
        "user_name": HOSTILE,
        "user_email": 'o\'neil+"x"\\@example.com',
        "repository_url": "https://example.com/~me/o'neil?a=1&b=(2)#c",
        "artifact_url": "http://[::1]:8000/get?v={version}&file=",
    },
}


@pytest.fixture(scope="session", params=MATRIX, ids=lambda name: name.replace(" ", "-"))
def rendered(request, template, copie_session):
    """A repository for each row of the matrix, and all its answers."""
    result = copie_session.copy(MATRIX[request.param], template_dir=template)
    assert result.exception is None, result.exception
    return result.project_dir, result.answers


def chosen_boards(answers):
    """Return the boards that `answers` ask for, with their facts, as the issue describes them."""
    chosen = [board for board in CATALOGUE if board["name"] in answers["boards"]]
    for board in answers["custom_boards"]:
        own = board["name"] if board["platform"] == "edge" else board["vitis_platform"]
        chosen.append({"devices": [own], **board})
    return chosen


def endings(board):
    if board["platform"] == "pcie":
        return ["xclbin"]
    return ["pdi" if board["family"] == "versal" else "bit", "hwh"]


def common_files(boards):
    """Return what boards/common holds for these boards, and nothing that serves none of them."""
    families = {board["family"] for board in boards}
    names = {"build.mk", "digest.sh", "publish.sh", "step.sh", "tool.sh"}
    if any(board["platform"] == "edge" for board in boards):
        names |= {"connect.tcl", "design.tcl", "hls.tcl", "vivado.mk", "vivado.tcl"}
    if any(family.startswith("zynq") for family in families):
        names.add("zynq.tcl")
    if any(board["platform"] == "pcie" for board in boards):
        names.add("vitis.mk")
    return (
        names
        | {f"{x}.tcl" for x in families & {"versal"}}
        | {f"{x}.mk" for x in families & {"awsf1"}}
    )


def expected_files(answers):
    """Return every path that a repository with these answers has."""
    module, boards = answers["module_name"], chosen_boards(answers)
    notebooks = f"{module}/notebooks"
    paths = set(
        ".copier-answers.yml .gitattributes .gitignore CHANGELOG.md LICENSE MANIFEST.in Makefile "
        "README.md boards/Makefile boards/settings.mk pyproject.toml setup.py "
        "tests/requirements.txt tests/simulated_fpga.py tests/test_kernels.py tests/test_notebooks.py tests/test_package.py "
        "tools/bitstreams.py tools/bundle.py tools/layout.json tools/links.py tools/release_check.py "
        "tools/repository.py tools/update_branch.sh tools/validate_layout.py tools/verify_links.py".split()
    )
    paths |= {f"{module}/{name}.py" for name in ("__init__", "delivery", "download")}
    paths |= {f"boards/common/{name}" for name in common_files(boards)}
    workflows = {f".github/workflows/{name}.yml" for name in ("check", "release", "update")}
    paths |= {"github": workflows, "gitlab": {".gitlab-ci.yml"}}.get(answers["ci"], set())
    for overlay in answers["overlays"]:
        paths |= {f"boards/ip/{overlay}/vadd.cpp", f"boards/ip/{overlay}/vadd_test.cpp"}
        if any(board["platform"] == "pcie" for board in boards):
            paths.add(f"boards/ip/{overlay}/link.cfg")
        for board in boards:
            folder = f"{notebooks}/{board['platform']}"
            paths |= {f"boards/{board['name']}/{overlay}/Makefile", f"{folder}/{overlay}.ipynb"}
            paths |= {f"{folder}/{overlay}.{ending}.link" for ending in endings(board)}
    return paths | {f"{notebooks}/{board['platform']}/__init__.py" for board in boards}


def test_files_are_exactly_what_the_answers_call_for(rendered):
    repository, answers = rendered
    assert set(files_of(repository)) == expected_files(answers)


def test_own_layout_check_finds_nothing(rendered):
    repository, _ = rendered
    result = validate(repository)
    lines = result.stdout.splitlines()
    assert result.returncode == 0
    assert lines[-1].startswith("no errors, ")
    assert all(": note: no file yet for " in line for line in lines[:-1])


def test_nothing_is_left_unrendered(rendered):
    repository, _ = rendered
    for name, content in contents_of(repository).items():
        assert not name.endswith(".jinja")
        if name not in ("setup.py", "README.md", "LICENSE", ".copier-answers.yml"):
            assert b"{%" not in content and b"{#" not in content, name
        assert not content.startswith(b"\n") or name == "LICENSE", name
        assert content.endswith(b"\n") and not content.endswith(b"\n\n"), name
        assert b" \n" not in content, name


def test_ruff_leaves_the_python_alone(rendered):
    repository, _ = rendered
    run(sys.executable, "-m", "ruff", "format", "--isolated", "--check", repository)
    run(
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E4,E7,E9,F,I,UP",
        repository,
    )


def test_python_is_3_8(rendered):
    repository, _ = rendered
    for path in repository.rglob("*.py"):
        ast.parse(path.read_text(), feature_version=(3, 8))


def test_notebooks_are_valid_and_load_their_overlay(rendered):
    repository, answers = rendered
    for path in repository.rglob("*.ipynb"):
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
        assert f'"{path.stem}.' in code
        assert "Overlay(" in code


def test_one_platform_leaves_no_trace_of_the_other(rendered):
    repository, answers = rendered
    words = {
        "edge": r"\bedge\b|\bpcie?\.|\.(bit|hwh|pdi)\b|BOARD\b",
        "pcie": r"pcie|xclbin|alveo|\bXRT\b|\bcards?\b",
    }
    for platform, pattern in words.items():
        if platform in answers["platforms"]:
            continue
        for name, content in contents_of(repository).items():
            # Rules and tools are for everybody.
            shared = (
                name.startswith("tools/") and name.endswith(".py") or name.endswith("/delivery.py")
            )
            if not shared and name != "LICENSE":
                # A card is a board too in boards/ and for make, in the variable BOARD.
                ours = (
                    r"\bBOARD\b" if name.startswith(("boards/", "Makefile")) else r"make \w+ BOARD="
                )
                ours += r"|\bdisable edge\b"  # a word of Verilog
                text = re.sub(ours, "", content.decode())
                found = re.search(
                    pattern, name + "\n" + text, re.IGNORECASE if platform == "pcie" else 0
                )
                assert found is None, (name, found)


def test_link_files_have_an_entry_for_each_device(rendered):
    repository, answers = rendered
    boards = chosen_boards(answers)
    links = links_of(repository)
    base = answers["artifact_url"].replace("{version}", "0.1.0")
    base += "" if base.endswith(("/", "=")) else "/"
    for overlay in answers["overlays"]:
        for ending in ("bit", "pdi", "hwh", "xclbin"):
            with_it = [board for board in boards if ending in endings(board)]
            if with_it:
                folder = f"{answers['module_name']}/notebooks/{with_it[0]['platform']}"
                found = links[f"{folder}/{overlay}.{ending}.link"]
                expected = {
                    device: {
                        "url": f"{base}{overlay}-{board['name']}-0.1.0.{ending}",
                        "md5sum": None,
                    }
                    for board in with_it
                    for device in board["devices"]
                }
                assert found == expected
                assert list(found) == list(expected)


def test_board_makefiles_state_the_facts(rendered):
    repository, answers = rendered
    for board in chosen_boards(answers):
        for overlay in answers["overlays"]:
            path = repository / "boards" / board["name"] / overlay / "Makefile"
            facts = dict(re.findall(r"^(\w+) := (.*)$", path.read_text(), re.MULTILINE))
            expected = {
                "BOARD": board["name"],
                "OVERLAY": overlay,
                "FAMILY": board["family"],
                "PART": board["part"],
                "DEVICES": " ".join(board["devices"]),
            }
            if board["platform"] == "edge":
                expected["BOARD_PART"] = board["board_part"]
            else:
                expected["PLATFORM"] = board["vitis_platform"]
            assert facts == expected


def test_licence_is_the_one_chosen_with_the_author(rendered):
    repository, answers = rendered
    text = (repository / "LICENSE").read_text()
    first = {"BSD-3-Clause": "BSD 3-Clause", "MIT": "MIT License", "Apache-2.0": "Apache License"}
    assert first[answers["license"]] in text
    if answers["license"] != "Apache-2.0":
        dist_name = answers["module_name"].replace("_", "-")
        assert f"(c) {answers['user_name'] or 'the authors of ' + dist_name}\n" in text


def setup_arguments(repository):
    """Return the literal keyword arguments of the call of setup() in setup.py."""
    tree = ast.parse((repository / "setup.py").read_text())
    call = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setup"
    )
    values = {word.arg: word.value for word in call.keywords}
    return {key: node.value for key, node in values.items() if isinstance(node, ast.Constant)}


class Paragraphs(HTMLParser):
    """Collects the text of the paragraphs of an HTML page."""

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], False

    def handle_starttag(self, tag, attrs):
        if tag == "p":
            self.found.append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "p"

    def handle_data(self, data):
        if self.inside:
            self.found[-1] += data


def shown_paragraphs(markdown):
    """Return the text of the paragraphs that a reader sees of `markdown`."""
    page = Paragraphs()
    page.feed(MarkdownIt("gfm-like", {"linkify": False}).render(markdown))
    return page.found


def test_text_comes_out_as_typed(rendered):
    repository, answers = rendered
    arguments = setup_arguments(repository)
    assert arguments["description"] == answers["description"]
    assert arguments["url"] == answers["repository_url"]
    assert arguments.get("author", "") == answers["user_name"]
    assert arguments.get("author_email", "") == answers["user_email"]
    stored = yaml.safe_load((repository / ".copier-answers.yml").read_text())
    assert {key: stored[key] for key in answers} == answers
    paragraphs = shown_paragraphs((repository / "README.md").read_text())
    assert paragraphs[0] == answers["description"]
    assert f"The sources are at {answers['repository_url']}." in paragraphs


@pytest.mark.parametrize(
    "text",
    [
        "plain words, with (brackets) and C++ 3 < 4",
        "# no heading",
        "- no list",
        "1. no list",
        "1) no list",
        "> no quote",
        "=== no rule",
        "--- no rule",
        "+ no list",
        "[x]: http://no-reference.example",
        "![no](image) and [no](link) and [no][ref]",
        "<script>alert(1)</script> <https://no-link.example> <{@no.mail>",
        "a*b*c **d** _e_ __f__ snake_case `g` ~~h~~ ~i~",
        "&lt; &#35; AT&T",
        r"C:\new\*.bit \_ \\ \` end\ ",
        "| no | table |",
        "trailing backslash \\",
        "日本語 – Größe",
    ],
)
def test_description_reads_as_typed_in_the_readme(copie, template, text):
    result = copie.copy({"description": text}, template_dir=template)
    shown = shown_paragraphs((result.project_dir / "README.md").read_text())
    assert shown[0] == text.strip()
    assert setup_arguments(result.project_dir)["description"] == text


def test_any_text_is_quoted_so_that_it_reads_as_typed():
    """Three thousand texts of the characters that mean something to Python or Markdown."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE),
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    quote = environment.get_template("hooks/quote.jinja").module
    characters = random.Random(2026)
    for _ in range(3000):
        letters = characters.choices("ab 1.*_`~<>&;#!-+=[](){}|\\\"'%$:/@^é🎉?,", k=12)
        text = "x" + "".join(letters) if letters[0] == " " else "".join(letters)
        assert ast.literal_eval(str(quote.python(text)).strip("\n")) == text
        shown = shown_paragraphs("# Title\n\n" + str(quote.markdown(text)) + "\n\n## Next\n")
        assert shown[0] == text.strip(), text


def test_emitted_shell_and_tcl_pass_their_linters(rendered):
    repository, _ = rendered
    tools = Path(sys.executable).parent
    run(tools / "shellcheck", "--shell=sh", *sorted((repository / "boards").rglob("*.sh")))
    if scripts := sorted((repository / "boards").rglob("*.tcl")):
        run(tools / "tclint", *scripts)


def test_rendering_twice_gives_the_same_bytes(copie, template):
    first = copie.copy({"module_name": "twice", "boards": EVERY_BOARD}, template_dir=template)
    second = copie.copy({"module_name": "twice", "boards": EVERY_BOARD}, template_dir=template)
    assert contents_of(first.project_dir) == contents_of(second.project_dir)


def test_readme_lists_each_board_with_its_devices(rendered):
    repository, answers = rendered
    readme = (repository / "README.md").read_text()
    for board in chosen_boards(answers):
        row = next(line for line in readme.splitlines() if line.startswith(f"| {board['name']} |"))
        assert "`, `".join(board["devices"]) in row


def test_workflows_fit_their_schemas(rendered):
    repository, answers = rendered
    folder = ".github/workflows"
    schema = {
        "github": (
            "vendor.github-workflows",
            *[f"{folder}/{name}.yml" for name in ("check", "release", "update")],
        ),
        "gitlab": ("vendor.gitlab-ci", ".gitlab-ci.yml"),
    }
    if answers["ci"] in schema:
        kind, *names = schema[answers["ci"]]
        options = ["--data-transform", "gitlab-ci"] if answers["ci"] == "gitlab" else []
        paths = [repository / name for name in names]
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", kind, *options]
        run(*command, *paths)
        steps = "".join(path.read_text() for path in paths)
        for line in (
            "make check",
            "make test",
            "make sdist",
            "make release-check TAG=",
            "twine upload",
        ):
            assert line in steps


def test_workflows_are_linted(rendered):
    """Pinned actions, least permissions, no injection: what zizmor knows, without a network."""
    repository, answers = rendered
    if answers["ci"] == "github":
        zizmor = Path(sys.executable).with_name("zizmor")
        run(zizmor, "--offline", "--no-progress", repository / ".github")
        text = (repository / ".github/workflows/release.yml").read_text()
        assert "secrets." not in text and "permissions: {}" in text


needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="no g++ on this machine")


@needs_compiler
def test_make_does_what_it_says(repository, default_repository, tmp_path):
    repository = repository.rename(tmp_path / "with spaces")
    shown = run("make", cwd=repository).stdout
    for target in ("check", "test", "sdist", "clean"):
        assert f"make {target} " in shown
    assert run("make", "check", cwd=repository).stdout.startswith("L5 ")
    tests = run("make", "test", f"PYTHON={sys.executable}", cwd=repository)
    skipped = re.findall("skipped .*", tests.stderr)
    assert "OK" in tests.stderr and all("-r tests/requirements.txt" in why for why in skipped)
    printed = run("make", "sdist", cwd=repository).stdout
    assert re.fullmatch(r"dist/my[-_]overlay-0\.1\.0\.tar\.gz\n", printed)
    run("make", "clean", cwd=repository)
    assert files_of(repository) == files_of(default_repository)


@needs_compiler
def test_a_broken_kernel_fails_the_tests(repository):
    kernel = repository / "boards/ip/my_overlay/vadd.cpp"
    kernel.write_text(kernel.read_text().replace("a[i] + b[i];", "a[i] - b[i];"))
    result = run("make", "test", cwd=repository, check=False)
    assert result.returncode != 0
    assert "n = 1: c[0] is -1007, expected 993" in result.stderr


def test_a_notebook_with_a_slip_fails_the_tests(repository):
    path = repository / "my_overlay/notebooks/edge/my_overlay.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"][-1]["source"] = ["%matplotlib inline\n", "print(("]
    path.write_text(json.dumps(notebook))
    result = run("make", "test", cwd=repository, check=False)
    assert result.returncode != 0
    assert "my_overlay.ipynb" in result.stderr and "SyntaxError" in result.stderr
