"""The catalogue of rules: each has a name, and is asked wherever it has something to say."""

from collections.abc import Iterator, Mapping

import pytest

from oracle.traces.lines import lines_of
from oracle.traces.verdict import Verdict, check_trace
from properties.rules import catalogue, judge
from properties.rules.catalogue import ALL_RULES, BY_TRANSITION, Asked, numbered
from properties.rules.vocabulary import KINDS
from tests.oracle.traces.mutations import TRACES
from tests.oracle.traces.runs import ALL_FEATURES, traced


def test_every_rule_has_a_name_and_a_source() -> None:
    """A breach can always say what it breaks, and where that stands."""
    for rule in ALL_RULES:
        assert rule.name.isidentifier()
        assert rule.statement.endswith(".")
        assert any(word in rule.source for word in ("Figure", "section", "thesis"))


def traces() -> Iterator[list[bytes]]:
    """Of the reference, of mutants, and of etcd's raft."""
    for number in range(4):
        yield list(traced(number, settings=ALL_FEATURES).lines)
    for mutant in ("double-vote", "commits-older-term", "stale-vote-counted"):
        yield list(traced(0, mutant=mutant).lines)
    yield list(lines_of(TRACES / "etcd-raft-3.7.0-joint.ndjson.gz"))


def verdicts() -> list[Verdict]:
    """What is found in each, whole and in parts, with what each rule has said."""
    return [check_trace(lines, partial=partial) for lines in traces() for partial in (False, True)]


def test_a_rule_that_is_not_asked_has_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every rule asked of every server and message, verdicts and counts are the same."""
    as_asked = verdicts()
    for name in ("standing", "append", "commit"):
        asked: Asked = numbered(BY_TRANSITION[name])
        assert len(getattr(catalogue, name.upper())[True]) < len(asked)
        monkeypatch.setattr(judge, name.upper(), (asked, asked))
    sends: Mapping[object, Asked] = dict.fromkeys(
        (None, False, True), numbered(BY_TRANSITION["send"])
    )
    monkeypatch.setattr(judge, "SEND", dict.fromkeys(KINDS, sends))
    assert verdicts() == as_asked
    assert any(each.rule is not None for each in as_asked)
