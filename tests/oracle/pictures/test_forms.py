"""Tests of the forms that other programs read, each held to a reader of its format."""

import html
import json
import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest

from model.runs.execution import Execution, states_by_step
from oracle.pictures.itf import itf
from oracle.pictures.logs import logs
from oracle.pictures.markdown import markdown, plain
from oracle.pictures.mermaid import mermaid
from oracle.pictures.shiviz import EXPRESSION, shiviz
from oracle.pictures.svg import svg
from tests.oracle.pictures.browser import browser
from tests.oracle.pictures.drawn import hostile, violated, walked

TEXTS: Final[dict[str, Callable[[Execution], str]]] = {
    "logs": logs,
    "markdown": markdown,
    "mermaid": mermaid,
    "shiviz": shiviz,
    "svg": svg,
}
MERMAID: Final = "mermaid@12.3.0"
SVG: Final = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_is_inert(name: str) -> None:
    """No tag, no control character and nothing that turns the direction of reading gets through."""
    text = TEXTS[name](hostile())
    assert "<img" not in text
    assert "<svg onload" not in text
    if name != "shiviz":
        assert "<b>name" not in text
    assert all(each.isprintable() or each == "\n" for each in text)
    assert max(map(len, text.splitlines())) < 30_000


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - {"logs"}))
def test_every_step_is_told(name: str) -> None:
    """In the order in which they happened, and what was broken."""
    text = TEXTS[name](violated())
    places = [text.find(f"{label} ") for label in ("5", "6", "7")]
    assert all(place > 0 for place in places)
    if name != "shiviz":
        assert "ElectionSafety" in text


def test_markdown_table_has_as_many_cells_in_every_row() -> None:
    """A bar in a command does not begin a cell."""
    lines = [line for line in markdown(hostile()).splitlines() if line.startswith("|")]
    steps = [line for line in lines if line.count("|") == 4]
    servers = [line for line in lines if line.count("|") == 6]
    assert len(steps) == len(hostile().steps) + 2
    assert len(servers) == 3 + 2
    assert len(steps) + len(servers) == len(lines)


def test_markdown_shows_the_servers_after_each_step_if_asked() -> None:
    """Which is long, and not the default."""
    short, long = markdown(violated()), markdown(violated(), every=True)
    assert long.count("S1 candidate 1") > short.count("S1 candidate 1")


def test_markdown_of_a_step_can_be_read_as_it_is() -> None:
    """Whoever opens an issue sees words in the editor, and not numbers of characters."""
    step = "S1 -> S2 append_entries t1 prev 1@0 entries 2@1 (section 5.2; f.py)"
    assert plain(step) == step.replace("f.py", "f&#46;py")


@pytest.mark.parametrize(
    "text",
    [
        *("- an item", "1. an item", "> a quotation", "=== a heading", "#12", "a|b", "<img>"),
        *("_so_", "__so__", "*so*", "`so`", "[so](to)", "&lt;", "$x$", "\\so", "~~so~~"),
        *("www.so.org", "1.so.org", "http://so", ":smile:", "@so", "so@so.org", "1@so", "so@1"),
    ],
)
def test_markup_in_text_is_no_markup(text: str) -> None:
    """Neither at the beginning of a line nor within it; as characters it is the same."""
    written = plain(text)
    assert written != text
    assert html.unescape(written) == text
    assert not re.search(r"&(?!#\d+;)|[\\`*\[\]<|$]|^[->=]|(?<!&)#|[:@]\w|\.[a-z]|\b_|_\b", written)


def test_mermaid_text_cannot_begin_anything() -> None:
    """Each line is a participant, a note or a message between participants, with harmless text."""
    kinds = re.compile(
        r"sequenceDiagram|  participant S\d|  Note over S\d(,S\d)?: .*|  S\d(->>|-->>|-x)S\d: .*"
    )
    for execution in (violated(), hostile(), walked(300)):
        lines = mermaid(execution).splitlines()
        assert all(kinds.fullmatch(line) for line in lines)
        texts = [line.split(": ", 1)[1] for line in lines if ": " in line]
        assert not any(re.sub(r"#\d+;", "", text).count(";") for text in texts)


@pytest.mark.needs("chromium")
@pytest.mark.needs("javascript")
def test_mermaid_draws_its_diagram(tmp_path: Path) -> None:
    """Mermaid's own program reads every diagram, and draws what each message says as it is."""
    subprocess.run(["npm", "pack", "--silent", MERMAID], cwd=tmp_path, check=True)
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as package:
        package.extract("package/dist/mermaid.min.js", tmp_path, filter="data")
    with browser() as chromium:
        page = chromium.new_page()
        page.add_script_tag(path=tmp_path / "package/dist/mermaid.min.js")
        for execution in (violated(), hostile(), walked(100)):
            drawing = page.evaluate(
                "async text => (await mermaid.render('drawing', text)).svg", mermaid(execution)
            )
            assert drawing.startswith("<svg")
            page.set_content(drawing)
            assert page.locator("script, img, foreignObject b").count() == 0
            said = page.locator("svg").text_content() or ""
            for step in execution.steps:
                if step.message is not None:
                    assert execution.messages[step.message].text.split()[0] in said


def test_shiviz_reads_its_log_by_its_expression() -> None:
    """As ShiViz does: every event has a host, and a clock in which its own count is the next.

    ShiViz takes the first line as the expression, between ^ and $, the second as what separates
    executions, and the rest as the log.
    """
    expression, empty, *rest = shiviz(walked(300)).split("\n")
    assert (expression, empty) == (EXPRESSION, "")
    python = "^" + EXPRESSION.replace("(?<", "(?P<") + "$"
    counts: dict[str, int] = {}
    clocks: dict[str, dict[str, int]] = {}
    events = list(re.finditer(python, "\n".join(rest), re.MULTILINE))
    for event in events:
        host, clock = event["host"], json.loads(event["clock"])
        counts[host] = counts.get(host, 0) + 1
        assert clock[host] == counts[host]
        assert all(clock.get(name, 0) >= count for name, count in clocks.get(host, {}).items())
        assert all(count <= counts[name] for name, count in clock.items())
        clocks[host] = clock
    assert len(events) == len("\n".join(rest).strip().split("\n")) / 2
    assert any(len(clock) > 3 for clock in clocks.values())


def test_svg_is_well_formed_and_asks_for_nothing() -> None:
    """XML without scripts, styles or links, with a line for what arrived and a cross where lost."""
    for execution in (violated(), hostile(), walked(300)):
        root = ElementTree.fromstring(svg(execution))
        kinds = {each.tag.removeprefix(SVG) for each in root.iter()}
        shapes = {"rect", "text", "line", "circle", "polygon", "path"}
        assert kinds <= {"svg", "title", "g", *shapes}
        assert not any("href" in name for each in root.iter() for name in each.attrib)
        arrivals = sum(len(message.arrived_in) for message in execution.messages)
        assert len(list(root.iter(f"{SVG}polygon"))) == arrivals
        width = float(root.attrib["width"])
        assert all(float(each.attrib["x"]) < width for each in root.iter(f"{SVG}text"))


def test_svg_says_how_the_breach_came_about() -> None:
    """What it rests on, the last step, and the property; where nothing is broken, none of that."""
    told = " ".join(each.text or "" for each in ElementTree.fromstring(svg(violated())).iter())
    assert "Figure 3, section 5.2" in told
    assert "S1 leads term 1 in step 4" in told
    assert "Then, in step 7: S3 -> S2 RequestVoteResponse" in told
    assert "Before it:" not in svg(walked(300))


def test_messages_of_which_nothing_came_are_pale() -> None:
    """And no others, in still pictures."""
    execution = walked(300)
    quiet = [
        arrival
        for message in execution.messages
        for arrival in message.arrived_in
        if execution.steps[arrival - 1].is_quiet
    ]
    tips = list(ElementTree.fromstring(svg(execution)).iter(f"{SVG}polygon"))
    assert 0 < sum("opacity" in each.attrib for each in tips) == len(quiet) < len(tips)


def test_itf_is_read_by_another_reader() -> None:
    """The Python library for traces of Apalache and Quint finds every state and every number."""
    from itf_py import trace_from_json

    for execution in (violated(), walked(300)):
        trace = trace_from_json(json.loads(itf(execution)))
        assert len(trace.states) == len(execution.steps) + 1
        assert set(trace.vars) >= {"action", "role", "currentTerm", "log"}
        *_, last = states_by_step(execution)
        values = trace.states[-1].values
        for server, state in last.items():
            assert values["currentTerm"][server] == state.current_term
            assert len(values["log"][server]) == len(state.log or ())
