"""Claims about what an adapter observes: its replies to random steps show it, or do not."""

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from model.actions import Action, Settle, fair_rounds
from model.world.macro_actions import Cluster
from oracle.adapter.claims import SHOWN_BY, Examination, Verdict
from oracle.adapter.subject import Adapter

SHOWING: dict[str, dict[str, Any]] = {
    "voted_for": {"views": {"S1": {"vote": "S1"}}},
    "next_index and match_index": {"views": {"S1": {"next": {"S2": 1}, "match": {"S2": 0}}}},
    "applied_digest": {"views": {"S1": {"digest": ""}}},
    "snapshots": {"views": {"S1": {"snapshot": [3, 1]}}},
    "memberships": {"views": {"S1": {"voters": ["S1"]}}},
    "client histories": {"answers": [{"client": 1, "number": 1, "output": ""}]},
    "message meanings": {"sent": [{"to": "S2", "label": "m", "meaning": {"type": "other"}}]},
}
"""By word of `observes`: a reply that shows it."""


def verdict_on(
    word: str, *replies: dict[str, Any], observed: bool = True, offers: str = "", servers: int = 3
) -> Verdict:
    """What is claimed of a word after these replies."""
    hello = SimpleNamespace(observes=(word,) if observed else (), offers=(offers,))
    adapter = cast(Adapter, SimpleNamespace(hello=hello))
    tape = [(b"{}", json.dumps(reply).encode()) for reply in replies]
    examination = Examination(adapter=adapter, servers=servers, network="any")
    (claim,) = [each for each in examination.observations(tape) if each.text == f"shows {word}"]
    return claim.verdict


@pytest.mark.parametrize("word", SHOWN_BY)
def test_what_a_reply_shows_holds(word: str) -> None:
    """One reply is enough, whether the word is listed or not."""
    assert verdict_on(word, {}, SHOWING[word]) == "ok"
    assert verdict_on(word, {}, SHOWING[word], observed=False) == "ok"


@pytest.mark.parametrize("word", SHOWN_BY)
def test_what_no_reply_shows_fails_if_it_is_listed(word: str) -> None:
    """Snapshots and answers need not come about in random steps."""
    others = [reply for other, reply in SHOWING.items() if other != word]
    expected = "skipped" if word in ("snapshots", "client histories") else "FAILED"
    assert verdict_on(word, *others) == expected
    assert verdict_on(word, *others, observed=False) == "skipped"


def test_a_lone_server_sends_nothing() -> None:
    """What is between servers is not asked of a cluster of one."""
    assert verdict_on("message meanings", {}, servers=1) == "skipped"
    assert verdict_on("next_index and match_index", {}, servers=1) == "skipped"
    assert verdict_on("voted_for", {}, servers=1) == "FAILED"


def test_changes_of_membership_come_with_memberships() -> None:
    """Without them, all servers would be taken for voters."""
    assert verdict_on("memberships", {}, observed=False, offers="ChangeMembership") == "FAILED"


@pytest.mark.parametrize("servers", [1, 3, 7])
def test_progress_is_given_as_many_rounds_as_in_a_hunt(
    servers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven servers need more turns than three."""
    asked: list[Action] = []

    def note(examination: Examination, schedule: Sequence[Action]) -> Cluster:
        asked.extend(schedule)
        return cast(Cluster, examination)

    monkeypatch.setattr(Examination, "run", note)
    adapter = cast(Adapter, SimpleNamespace())
    Examination(adapter=adapter, servers=servers, network="any").progress()
    assert asked == [Settle(fair_rounds(servers))]
