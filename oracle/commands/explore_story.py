"""The counterexample of a system that is not a cluster: moves in words, printed and stored."""

from pathlib import Path

from model.explorer.running.outcome import ExplorationResult
from model.explorer.search.result import moves_along
from model.explorer.search.story import Told, story_of
from oracle.formats.result_json import Case
from oracle.hunting.findings import counted
from oracle.store.result_folder import Store
from oracle.terminal.output import echo, even_if_nobody_listens, print_report
from oracle.terminal.wording import printable

STORY = "story.txt"
INDENT = 5


def story_in_lines(story: tuple[Told, ...]) -> list[str]:
    """The moves with their numbers, and below each what it changed."""
    lines = []
    for number, told in enumerate(story, 1):
        lines.append(printable(f"{number:>3}  {told.happened}"))
        lines += [printable(f"{'':{INDENT}}  {change}") for change in told.changed]
    return lines


def print_story(result: ExplorationResult, heading: str, verdict: str, out: Path | None) -> Case:
    """What does not hold, the way there and the counts; and the same in a file."""
    broken, search = result.search.broken, result.search
    assert broken is not None
    moves = moves_along(result.system, search.path)
    where = counted(len(moves), "move")
    first = printable(f"{broken.property} violated after {where}: {broken.detail}.")
    kind = "a random walk" if result.walks else "a shortest way within these bounds"
    lines = [
        first,
        "",
        heading,
        f"the explorer: {kind}, {where}.",
        "",
        *story_in_lines(story_of(result.system, moves)),
    ]
    text = "\n".join(lines)
    folder = Store(out).write({STORY: f"{text}\n".encode()})
    with even_if_nobody_listens():
        echo(text)
        echo("")
        print_report(verdict)
        if folder is not None:
            echo(f"Story:      {folder / STORY}")
    return Case(
        name=broken.property,
        outcome="broken",
        detail=broken.detail,
        steps=len(moves),
        folder=None if folder is None else str(folder),
    )
