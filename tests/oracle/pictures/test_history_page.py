"""Tests of the page of a history that is not linearizable."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from oracle.pictures.history_page import history_page
from properties.history import Operation
from properties.linearizability import Counterexample, check
from tests.oracle.command import raft_oracle
from tests.oracle.pictures.browser import browser, opened
from tests.oracle.pictures.drawn import HOSTILE
from tests.require import require


def counterexample() -> Counterexample:
    """A read of what was overwritten before, by somebody who names keys as an enemy would."""
    key = HOSTILE[0].replace(" ", "")
    history = [
        Operation(1, f"set {key} 1", 1, 2, ""),
        Operation(2, f"set {key} \x1b[2J", 3, 6, ""),
        Operation(3, f"get {key}", 4, 5, "\x1b[2J"),
        Operation(4, f"get {key}", 7, 8, "1"),
        Operation(5, f"append {key} z", 7, None, None),
    ]
    found = check(history).counterexample
    assert found is not None
    return found


def test_page_shows_each_operation_and_why_none_is_next() -> None:
    """The order that fits has places; what cannot follow says what it would have given."""
    page = history_page(counterexample()).decode()
    assert page.count("<tr><td>") == 5
    assert page.count('class="bar stuck"') == 1
    assert page.count('class="bar idle"') == 1
    assert "The longest order that fits has 3 of 5 operations" in page
    assert "<img" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_page_can_be_read_in_any_window(tmp_path: Path, width: int) -> None:
    """No request, nothing in the console, and nothing serious by the rules of accessibility."""
    require("chromium")
    path = tmp_path / "report.html"
    path.write_bytes(history_page(counterexample()))
    with browser() as started, opened(started, path, width) as watched:
        assert watched.page.locator("rect.bar").count() == 5
        found = Axe().run(watched.page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
        assert not [each for each in watched.complaints if "axe" not in each.lower()]
        wide = watched.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width


def test_page_of_a_rejected_history_is_stored(tmp_path: Path) -> None:
    """Its place is told after the verdict."""
    (tmp_path / "h.jsonl").write_text(
        '{"client": 1, "command": "get x", "invoked": 1, "responded": 2, "output": "1"}\n'
    )
    done = raft_oracle(tmp_path, "check-history", "h.jsonl")
    assert done.code == 1, done.err
    page = tmp_path / done.out.splitlines()[-1].removeprefix("Page: ")
    assert b"No order explains the operations on x." in page.read_bytes()
