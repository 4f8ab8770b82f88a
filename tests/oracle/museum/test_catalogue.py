"""Tests of what the museum adds: its rooms, and the labels."""

import re

from oracle.museum.catalogue import labelled, rooms
from oracle.museum.findings import read_findings
from oracle.museum.mechanisms import MECHANISMS
from tests.sources import ROOT

FINDINGS = read_findings(ROOT / "docs" / "findings")


def test_every_room_has_every_finding_once() -> None:
    """However they are sorted."""
    names = sorted(finding.name for finding in FINDINGS)
    for page in rooms(FINDINGS).values():
        assert sorted(re.findall(r"\]\(\.\./docs/findings/([\w-]+)\.md\)", page)) == names


def test_mechanisms_have_findings_and_their_sentence() -> None:
    """A mechanism by which nothing breaks is no room, and each says what Raft asks for."""
    page = rooms(FINDINGS)["by-mechanism.md"]
    assert {finding.head.mechanism for finding in FINDINGS} == set(MECHANISMS)
    for mechanism, sentence in MECHANISMS.items():
        assert f"## {mechanism.capitalize()}\n\n{sentence}\n" in page
    assert all(finding.head.teaches in page for finding in FINDINGS)


def test_lengths_go_up() -> None:
    """The shortest run is the first."""
    rows = re.findall(r"^\| (\d+) \|", rooms(FINDINGS)["by-length.md"], flags=re.MULTILINE)
    assert list(map(int, rows)) == sorted(map(int, rows))
    assert len(rows) == len(FINDINGS)


def test_label_stands_below_the_title() -> None:
    """What it teaches, where it was reported, the way to the run, the picture; then the text."""
    (finding,) = (each for each in FINDINGS if each.name == "raftos-match-index-falls")
    page = labelled(finding, "runs/it.html", [("it.svg", "It")])
    places = [
        page.index(text)
        for text in (
            f"# {finding.title}",
            finding.head.teaches,
            "[zhebrak/raftos#25](https://github.com/zhebrak/raftos/issues/25)",
            'href="runs/it.html"',
            "![It](it.svg)",
            "RaftOS 0.2.6, 3 servers",
        )
    ]
    assert places == sorted(places)
    assert "there is no run" in labelled(finding, None, [])
