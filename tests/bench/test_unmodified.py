"""Tests of bench.unmodified: what is compared makes the same mistake."""

from pathlib import Path

from bench.unmodified import BASE, LAB, REFUSES, requests, voting_twice


def test_the_same_are_compared_right_and_voting_twice(tmp_path: Path) -> None:
    """All are compared with one that is among them, and each has its mistake."""
    planted = voting_twice(tmp_path)
    assert BASE in planted
    assert planted.keys() == requests().keys()
    assert all(planted[name] != requests()[name] for name in planted)


def test_the_lab_is_a_copy_that_votes_twice(tmp_path: Path) -> None:
    """One place of it is different, and the lab itself stays as it is."""
    voting_twice(tmp_path)
    copied = (tmp_path / "labs" / LAB.name / "vote.go").read_text(encoding="utf-8")
    original = (LAB / "vote.go").read_text(encoding="utf-8")
    assert original.count(REFUSES) == 1
    assert copied == original.replace(REFUSES, "true")
