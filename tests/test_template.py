"""The template repository itself: files that must agree do, and strangers can clone and run it."""

import re
import sys

import pytest
import yaml
from helpers.render import TEMPLATE, git, run

FORM = (TEMPLATE / "copier.yml").read_text()
QUESTIONS = re.findall(r"^([a-z]\w*):$", FORM, re.MULTILINE)


def tracked_files():
    listed = git(TEMPLATE, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return [name for name in listed.split("\0") if name and (TEMPLATE / name).is_file()]


def asked():
    """Return the questions that a person sees, in the order of the form."""
    blocks = re.split(r"^(?=[a-z_]\w*:)", FORM, flags=re.MULTILINE)
    return [block.split(":")[0] for block in blocks if "help:" in block]


def test_every_answer_is_documented_in_the_order_of_the_form():
    docs = (TEMPLATE / "docs/answers.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", docs, re.MULTILINE) == asked()


def test_top_level_holds_what_was_agreed():
    allowed = [
        "copier.yml",
        "template",
        "hooks",
        "tests",
        "docs",
        "README.md",
        "LICENSE",
        "boards.yml",
        "pyproject.toml",
        ".ci",
        ".github",
        ".gitignore",
        ".gitattributes",
        "CHANGELOG.md",
    ]
    assert {name.split("/")[0] for name in tracked_files()} <= set(allowed)


def test_paths_can_be_checked_out_on_windows():
    for name in tracked_files():
        assert not re.search(r'["|?*:<>\\]', name), name
        assert all(not part.endswith((" ", ".")) for part in name.split("/")), name


def test_only_files_that_need_rendering_end_in_jinja():
    for name in tracked_files():
        if name.startswith("template/"):
            text = (TEMPLATE / name).read_text()
            assert bool(re.search(r"\{\{ |\{% ", re.sub(r"\$\{\{", "", text))) == name.endswith(
                ".jinja"
            ), name


def test_no_package_registry_is_named():
    hosts = ["pypi" + ".org", "python" + "hosted", "npm" + "js", "deb.deb" + "ian"]
    for name in tracked_files():
        content = (TEMPLATE / name).read_bytes().decode(errors="replace")
        assert [host for host in hosts if host in content] == [], name


def test_ci_runs_the_command_of_the_readme():
    lines = [
        line for line in (TEMPLATE / "README.md").read_text().splitlines() if "pytest -n" in line
    ]
    assert len(lines) == 1
    script = (TEMPLATE / ".ci/run").read_text().splitlines()
    assert script[-3:] == [
        "command=$(grep -m 1 'pytest -n' README.md)",
        'echo "+ $command"',
        'eval "$command"',
    ]


@pytest.mark.parametrize("name", [".github/workflows/ci.yml"])
def test_own_workflow_fits_its_schema(name):
    check = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
    ]
    run(*check, TEMPLATE / name)


def test_links_in_the_docs_lead_somewhere():
    for page in [TEMPLATE / "README.md", *(TEMPLATE / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_commands_in_the_docs_name_files_and_targets_that_exist(default_repository):
    targets = set(
        re.findall(r"^(\w+):", (default_repository / "Makefile").read_text(), re.MULTILINE)
    )
    for page in [TEMPLATE / "README.md", *(TEMPLATE / "docs").glob("*.md")]:
        text = page.read_text()
        assert set(re.findall(r"`make (\w+)`|^make (\w+)", text, re.MULTILINE)) <= {
            *((target, "") for target in targets),
            *(("", target) for target in targets),
        }
        for name in re.findall(r"(?:python3? )((?:hooks|tools|tests)/\w+\.py)", text):
            assert (TEMPLATE / name).exists() or (default_repository / name).exists(), name


def test_version_is_the_same_in_every_emitted_file(default_repository):
    (first,) = re.findall(r"^first_version:.*?default: (\S+)$", FORM, re.MULTILINE | re.DOTALL)[:1]
    for name in ("my_overlay/__init__.py", "CHANGELOG.md"):
        assert first in (default_repository / name).read_text()


def test_catalogue_is_plain_yaml_with_devices_on_one_line():
    """The layout check reads the devices without a YAML parser."""
    lines = (TEMPLATE / "boards.yml").read_text().splitlines()
    assert yaml.safe_load("\n".join(lines))
    assert len([line for line in lines if re.fullmatch(r"  devices: \[.+\]", line)]) == len(
        [line for line in lines if line.startswith("- name: ")]
    )


def test_template_python_is_formatted():
    run(
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--check",
        "hooks",
        "tests",
        ".ci/release",
        cwd=TEMPLATE,
    )
    run(
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--select",
        "E4,E7,E9,F,I,UP",
        "hooks",
        "tests",
        cwd=TEMPLATE,
    )
