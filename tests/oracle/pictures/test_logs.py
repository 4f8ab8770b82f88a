"""Tests of the picture of all logs; tests/oracle/pictures/test_forms.py tries its text."""

import re
from pathlib import Path
from xml.etree import ElementTree

from model.runs.execution import ServerState
from oracle.commands.show import read_execution
from oracle.pictures.logs import CELL, MOST_PANELS, entries, logs
from tests.oracle.pictures.drawn import violated, walked

SVG = "{http://www.w3.org/2000/svg}"


def words(picture: str) -> list[str]:
    """All that is written in a picture."""
    root = ElementTree.fromstring(picture)
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def test_figure_8_looks_as_in_the_paper() -> None:
    """A panel for each part, in each all servers, and the entries that the paper shows."""
    shown = words(logs(read_execution(Path("figure-8"), is_trusted=False)))
    assert shown[0] == "S5 leads term 5 without entry 2@2, which was committed in term 4."
    assert [each[:3] for each in shown if re.match(r"\([a-d]\)", each)] == [
        "(a)",
        "(b)",
        "(c)",
        "(d)",
    ]
    last = shown[shown.index("S1 down t4") :]
    assert [each for each in last if each.startswith(("S", "t"))][:15] == [
        *("S1 down t4", "t1 one", "t2 two", "t4 four"),
        *("S2 follower t5", "t1 one", "t2 two"),
        *("S3 follower t5", "t1 one", "t2 two"),
        *("S4 follower t5", "t1 one"),
        *("S5 leader t5", "t1 one", "t3 three"),
    ][:15]


def test_run_without_a_story_shows_the_last_changes() -> None:
    """As many as fit a page, and the last step in any case."""
    for execution in (violated(), walked(300)):
        shown = words(logs(execution))
        servers = [each for each in shown if re.match(r"S1 \S+ t\d", each)]
        assert 1 <= len(servers) <= MOST_PANELS
        assert any(each.startswith(f"{execution.steps[-1].label}. ") for each in shown)


def test_no_entry_is_wider_than_its_cell() -> None:
    """Openraft's first entry holds a word that is cut, and was too wide."""
    state = ServerState(
        role="leader",
        current_term=12,
        commit_index=0,
        last_applied=0,
        log=((0, "membership"), (12, "v1"), (12, "WWWWWWWWW")),
    )
    labels = [
        ElementTree.fromstring(each) for each in entries(state, 0, 0, 1) if each.startswith("<text")
    ]
    assert [each.text for each in labels] == ["t0 membe…", "t12 v1", "t12 WWWWW…"]
    first, short, last = (each.get("textLength") for each in labels)
    assert first == last == str(CELL - 12)
    assert short is None
