"""The pages are true: their commands parse, their files exist, their code runs."""

import re
import shlex
from pathlib import Path

import pytest

from model.failures import PropertyViolatedError
from oracle.commands.main import load_command
from oracle.commands.options import read_ignored
from oracle.commands.show import FORMS, read_execution
from oracle.pictures.svg import svg
from oracle.traces.lines import lines_of
from oracle.traces.verdict import check_trace
from tests.oracle.traces.runs import drawn

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
FOLDERS = ("raft_core", "properties", "model", "oracle", "raft_oracle", "tests", "bench", "docs")
JOURNEY_PICTURES = sorted((ROOT / "docs" / "journeys").glob("*.svg"))
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))


def command_lines() -> list[str]:
    """Every raft-oracle command in a code block of README."""
    return re.findall(r"^raft-oracle (.*?)\s*(?:#.*)?$", README, flags=re.MULTILINE)


def test_readme_has_commands() -> None:
    """There are commands to try."""
    assert len(command_lines()) >= 5


@pytest.mark.parametrize("line", command_lines())
def test_commands_of_readme_parse(line: str) -> None:
    """Every command of README is one that the command line accepts."""
    name, *arguments = shlex.split(line)
    command = load_command(name)
    context = command.make_context(name, arguments)
    assert read_ignored(context.params["ignore"], context.params["only"]) is not None


def lines_of_pages() -> list[str]:
    """Every raft-oracle command in a code block of any page, with or without a prompt."""
    pattern = r"^ *(?:\$ )?raft-oracle ([^#&>\n]*)"
    blocks = [
        block
        for page in PAGES
        for block in re.findall(
            r"```\n(.*?)```", page.read_text().replace("\\\n", " "), flags=re.DOTALL
        )
    ]
    found = (re.findall(pattern, block, flags=re.MULTILINE) for block in blocks)
    return sorted({line.strip() for lines in found for line in lines})


@pytest.mark.parametrize("line", lines_of_pages())
def test_commands_of_pages_parse(line: str) -> None:
    """Every command of a page is one that the command line accepts."""
    name, *arguments = shlex.split(line)
    assert load_command(name).make_context(name, arguments).params is not None


def test_code_of_readme_finds_its_violation() -> None:
    """The rule machine in README finds what the text says that it finds."""
    code = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    namespace: dict[str, object] = {}
    exec(code[0], namespace)
    test = namespace["test_my_election_rule"]
    assert callable(test)
    with pytest.raises(PropertyViolatedError, match="ElectionSafety") as caught:
        test()
    assert "ElectionSafety violated at step" in "\n".join(caught.value.__notes__)


def paths_of(page: Path) -> set[str]:
    """Every file and folder of this repository that a page names."""
    pattern = rf"`((?:{'|'.join(FOLDERS)})/[\w/]+(?:\.\w+)?)`"
    return set(re.findall(pattern, page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page: Path) -> None:
    """No page leads to a file that has moved."""
    assert [path for path in sorted(paths_of(page)) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    """Every link to a file of this repository leads to one that is there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/decisions.md"])
def test_names_that_a_page_mentions_are_in_the_code(name: str) -> None:
    """A class, function, constant or field that a page names has not been renamed since."""
    mentioned = re.findall(r"`([A-Za-z_]\w+)(?:\(.*?\))?`", (ROOT / name).read_text())
    code = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    known = {word for path in code for word in re.findall(r"\w+", path.read_text())}
    assert len(mentioned) > 20
    assert sorted(set(mentioned) - known) == []


def test_contributing_names_files() -> None:
    """The map leads to files of every package."""
    assert {path.split("/")[0] for path in paths_of(ROOT / "CONTRIBUTING.md")} >= {*FOLDERS[:5]}


@pytest.mark.parametrize("path", JOURNEY_PICTURES, ids=lambda path: path.stem)
def test_pictures_of_journeys_are_those_that_are_drawn(path: Path) -> None:
    """Of the schedule or trace beside it, or the scenario of its name, in the form it names."""
    name, _, form = path.stem.partition(".")
    log = path.with_name(f"{name}.jsonl")
    if log.exists():
        verdict = check_trace(lines_of(log))
        assert svg(drawn(log.name, lines_of(log), verdict)) == path.read_text("utf-8")
        return
    beside = (path.with_name(f"{name}{ending}") for ending in (".raft", ".json"))
    source = next((each for each in beside if each.exists()), Path(name))
    again = f"raft-oracle show {source} --as {form or 'svg'} --out {path}"
    picture = FORMS[form or "svg"](read_execution(source, is_trusted=False), False)
    assert picture == path.read_bytes(), f"draw anew: {again}"


def rooms() -> list[str]:
    """Every folder of Python files in the two packages that have rooms."""
    return sorted(
        path.parent.name
        for package in ("model", "oracle")
        for path in (ROOT / package).rglob("__init__.py")
        if path.parent.parent in (ROOT / "model", ROOT / "model/explorer", ROOT / "oracle")
    )


def test_map_of_contributing_shows_every_room() -> None:
    """Each room has its line, and each line of a room is one that is there."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    block = text.split("```")[1]
    lines = re.findall(r"^ +(\w+)/  ", block, flags=re.MULTILINE)
    assert sorted(lines) == sorted([*rooms(), "rules"])
