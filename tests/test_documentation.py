"""README and CONTRIBUTING are true: their commands parse, their files exist, their code runs."""

import re
import shlex
from pathlib import Path

import pytest

from model.failures import PropertyViolatedError
from oracle.commands.main import cli
from oracle.commands.options import read_ignored

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


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
    command = cli.commands[name]
    context = command.make_context(name, arguments)
    assert read_ignored(context.params["ignore"], context.params["only"]) is not None


def lines_of_journeys() -> list[str]:
    """Every raft-oracle command in a code block of docs/journeys."""
    pages = sorted((ROOT / "docs" / "journeys").glob("*.md"))
    return [
        line
        for page in pages
        for line in re.findall(r"^ *raft-oracle ([^#&>\n]*)", page.read_text(), flags=re.MULTILINE)
    ]


@pytest.mark.parametrize("line", lines_of_journeys())
def test_commands_of_journeys_parse(line: str) -> None:
    """Every command of a journey is one that the command line accepts."""
    name, *arguments = shlex.split(line)
    command = cli.commands[name]
    assert command.make_context(name, arguments).params is not None


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


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`([a-z_]+/[\w/]+(?:\.py)?)`", CONTRIBUTING)))
)
def test_files_of_contributing_exist(path: str) -> None:
    """Every file and folder that CONTRIBUTING names is there."""
    assert (ROOT / path).exists()
