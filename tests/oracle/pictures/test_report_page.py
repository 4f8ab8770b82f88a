"""Tests of the page of an execution, opened in a browser as its reader opens it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from model.runs.execution import Execution
from oracle.formats.trace_json import read_trace
from oracle.pictures.report_page import report_page
from tests.oracle.command import ROOT
from tests.oracle.pictures.browser import browser, cut_off, opened
from tests.oracle.pictures.drawn import HOSTILE, hostile, violated, walked
from tests.require import require

WIDTHS: Final = (360, 800, 1600)
MOST_BYTES: Final = 500_000
"""Of a page of a hundred steps."""

pytestmark = pytest.mark.xdist_group("chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    require("chromium")
    with browser() as started:
        yield started


def written(execution: Execution, folder: Path) -> Path:
    """The page as a file."""
    path = folder / "report.html"
    path.write_bytes(report_page(execution))
    return path


def overlapping(page: Page) -> list[str]:
    """Neighbouring rows, or numbers and words within a row, that lie over each other."""
    found = page.evaluate(
        """() => {
            const over = [];
            const all = [...document.querySelectorAll(".row")];
            const rows = all.map((each) => each.getBoundingClientRect());
            rows.forEach((box, place) => {
                if (place && rows[place - 1].bottom > box.top + 1) over.push("row " + place);
            });
            for (const row of document.querySelectorAll(".row > button")) {
                const number = row.querySelector(".number").getBoundingClientRect();
                const words = row.querySelector(".words").getBoundingClientRect();
                if (number.right > words.left + 1) over.push("number " + row.textContent);
            }
            return over;
        }"""
    )
    assert isinstance(found, list)
    return found


def current(page: Page) -> str:
    """The number of the chosen step, as the row says it."""
    text = page.locator("button[aria-current=step] .number").text_content()
    return text or "start"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_page_asks_for_nothing_and_fits_its_window(
    chromium: Browser, tmp_path: Path, width: int, colours: str
) -> None:
    """No request, no message in the console, nothing cut off and nothing over anything else."""
    for execution in (violated(), walked(100)):
        with opened(chromium, written(execution, tmp_path), width, colours) as watched:
            assert watched.page.locator(".row").count() > 5
            assert cut_off(watched.page) == []
            assert overlapping(watched.page) == []
            assert watched.complaints == []


def test_page_says_first_what_is_wrong(chromium: Browser, tmp_path: Path) -> None:
    """The sentence, the property, and where that is written."""
    with opened(chromium, written(violated(), tmp_path)) as watched:
        top = watched.page.locator("header").inner_text()
        assert "S1 and S2 both led term 1." in top
        assert "ElectionSafety" in top
        assert "Figure 3, section 5.2" in top
        assert "S1 leads term 1" in watched.page.locator(".rests").all_inner_texts()


def test_every_step_is_reached_and_read_by_keyboard(chromium: Browser, tmp_path: Path) -> None:
    """Tab leads to the steps, arrows go through them, and each shows the servers after it."""
    with opened(chromium, written(violated(), tmp_path)) as watched:
        page = watched.page
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.closest('.row') !== null"):
                break
        page.keyboard.press("Home")
        seen = [current(page)]
        for _ in range(7):
            page.keyboard.press("ArrowDown")
            seen.append(current(page))
            assert page.evaluate("() => document.activeElement.ariaCurrent") == "step"
        assert seen == ["start", "1", "2", "3", "4", "5", "6", "7"]
        assert "leader" in page.locator(".state").inner_text()
        assert page.url.endswith("#step=7")


def test_address_names_the_step(chromium: Browser, tmp_path: Path) -> None:
    """A link to a moment opens there."""
    path = written(violated(), tmp_path)
    with opened(chromium, path) as watched:
        watched.page.goto(f"{path.as_uri()}#step=3")
        watched.page.reload()
        assert current(watched.page) == "3"


def test_what_a_restart_does_not_find_again_is_told_before(
    chromium: Browser, tmp_path: Path
) -> None:
    """A vote that is not on the disk is named at each step until then, and not from then on."""
    lost = read_trace((ROOT / "docs/journeys/lost-vote.json").read_bytes())
    with opened(chromium, written(lost, tmp_path)) as watched:
        page, told = watched.page, {}
        for step in ("3", "4"):
            page.locator(".row button").nth(int(step)).click()
            assert current(page) == step
            told[step] = page.locator(".state").inner_text()
        said = "the restart of S1 in step 4 does not find again: its vote for S1."
        assert said in told["3"]
        assert "find again" not in told["4"]
        assert watched.complaints == []


def test_steps_are_hidden_and_folded(chromium: Browser, tmp_path: Path) -> None:
    """What nothing came of can be hidden; an election can be one row that a click unfolds."""
    with opened(chromium, written(walked(100), tmp_path)) as watched:
        page = watched.page
        hiding = page.get_by_label("hide steps without effect")
        assert hiding.is_checked()
        few = page.locator(".row").count()
        hiding.uncheck()
        every = page.locator(".row").count()
        assert every == len(walked(100).steps) + 2  # the heading and the start
        assert few < every
        page.get_by_label("fold elections and rounds").check()
        folded = page.locator(".row").count()
        assert folded < every
        page.locator(".row button", has_text="▸").first.click()
        assert page.locator(".row").count() > folded
        assert watched.complaints == []


def test_checker_of_accessibility_finds_nothing_serious(chromium: Browser, tmp_path: Path) -> None:
    """By axe-core's rules, in both colour schemes."""
    for colours, execution in (("light", violated()), ("dark", violated()), ("dark", walked(100))):
        with opened(chromium, written(execution, tmp_path), colours=colours) as watched:
            found = Axe().run(watched.page).response["violations"]
            serious = [each for each in found if each["impact"] in ("serious", "critical")]
            assert [(each["id"], each["nodes"][0]["html"]) for each in serious] == []


def test_hostile_text_is_text(chromium: Browser, tmp_path: Path) -> None:
    """Nothing of it runs, marks up, or turns the direction of reading; all of it can be read."""
    for width in WIDTHS:
        with opened(chromium, written(hostile(), tmp_path), width) as watched:
            page = watched.page
            assert page.title() != "run"
            assert page.locator("img").count() == 0
            assert cut_off(page) == []
            shown = page.locator("body").inner_text()
            assert HOSTILE[0] in shown
            assert "\u27e8U+202E\u27e9evil" in shown
            assert "\u27e8U+001B\u27e9[31mred" in shown
            assert not re.search("[\x00-\x08\x1b\u202e\u2066]", page.content())
            assert watched.complaints == []


def test_page_is_small_and_drawn_at_once(chromium: Browser, tmp_path: Path) -> None:
    """A hundred steps take less than half a megabyte."""
    assert len(report_page(walked(100))) < MOST_BYTES


def test_page_of_two_thousand_steps_can_be_used(chromium: Browser, tmp_path: Path) -> None:
    """All rows are there, and going from step to step shows each."""
    execution = walked(2000)
    with opened(chromium, written(execution, tmp_path)) as watched:
        page = watched.page
        page.get_by_label("hide steps without effect").uncheck()
        assert page.locator(".row").count() == len(execution.steps) + 2
        page.get_by_label("hide steps without effect").check()
        before = current(page)
        page.get_by_role("button", name="step back").click()
        assert current(page) != before
        assert watched.complaints == []


def test_page_is_printed_whole(chromium: Browser, tmp_path: Path) -> None:
    """On paper every step stands, without what is for clicking."""
    with opened(chromium, written(violated(), tmp_path)) as watched:
        watched.page.emulate_media(media="print")
        assert not watched.page.locator(".tools").is_visible()
        assert watched.page.locator(".row").count() == len(violated().steps) + 2
        assert cut_off(watched.page) == []
        assert overlapping(watched.page) == []


def test_page_without_scripts_has_the_trace(tmp_path: Path) -> None:
    """Whoever runs no script reads the text."""
    page = report_page(violated()).decode()
    assert "<noscript><pre>ElectionSafety violated at step 7" in page
    assert "</script><img" not in report_page(hostile()).decode()
