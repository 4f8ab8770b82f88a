"""Rules in hunts: they judge what is seen, and never what is not."""

import pytest
from attrs import evolve

from model import actions
from model.drivers.rule_machine import examples_of_block
from model.drivers.walker import walk
from model.mutants import MUTANT_BY_NAME
from model.runs.run import run
from model.setup import Setup
from model.subject import Packet
from model.world.conformance import step_of
from model.world.records import Happening, StepRecord
from properties.facts import BLANK
from properties.rules.vocabulary import KINDS, REQUEST_VOTE, Meaning
from properties.view import UNOBSERVED
from raft_core import s1, s2
from tests.model.reference.hiding import hiding

FEATURES = [{}, {"features": "on"}]
SILENT = [*((kind,) for kind in KINDS if kind != "other"), KINDS]


@pytest.mark.parametrize("settings", FEATURES)
@pytest.mark.parametrize("silent", SILENT, ids=",".join)
def test_a_message_without_a_meaning_raises_no_alarm(
    silent: tuple[str, ...], settings: dict[str, str]
) -> None:
    """Whatever one kind of message, or all of them, may have caused."""
    setup = hiding(*silent, settings=settings)
    assert [walk(setup.cluster(), 1, number)[0] for number in range(8)] == [None] * 8


@pytest.mark.parametrize("settings", FEATURES)
@pytest.mark.parametrize("servers", [1, 2, 3, 5])
def test_votes_that_are_not_observed_raise_no_alarm(servers: int, settings: dict[str, str]) -> None:
    """A vote that is not observed is not a vote for nobody."""
    setup = hiding(shows_votes=False, servers=servers, settings=settings)
    assert [walk(setup.cluster(), 2, number)[0] for number in range(12)] == [None] * 12


@pytest.mark.parametrize("settings", FEATURES)
@pytest.mark.parametrize(
    "setup",
    [hiding(*KINDS), hiding("request_vote"), hiding(shows_votes=False)],
    ids=["no meanings", "no request", "no votes"],
)
def test_other_drivers_raise_no_alarm_either(setup: Setup, settings: dict[str, str]) -> None:
    """Runs of rival leaders, and of the rule machine."""
    setup = evolve(setup, settings=settings)
    assert [walk(setup.cluster(), 3, number, rival_leaders=True)[0] for number in range(4)] == [
        None
    ] * 4
    assert examples_of_block(setup.cluster(), "shard/0", 20, frozenset()) is None


def test_rules_judge_what_the_other_messages_say() -> None:
    """A server that grants two votes is named, though it never says what its entries mean."""
    mutant = MUTANT_BY_NAME["double-vote"]
    setup = evolve(
        hiding("append_entries", "append_entries_response", protocol=mutant.protocol()),
        ignore=frozenset({"VoteOnce", "ElectionSafety"}),
    )
    found = {walk(setup.cluster(), 0, number)[0] for number in range(10)} - {None}
    assert {each.property for each in found if each} == {"VoteIsGranted"}


@pytest.mark.parametrize("overlapping", [False, True])
def test_nothing_is_held_against_a_message_beside_which_another_is_handled(
    overlapping: bool,
) -> None:
    """A server with threads may have been busy with any message."""
    asks = Packet(s1, s2, "vote?", None)
    happening = Happening(actions.Deliver(s1, s2), asks)
    said = Meaning("request_vote", s1, s2, term=1)
    record = StepRecord(happening, s2, BLANK, BLANK, [], overlapping=overlapping)
    step = step_of(record, lambda packet: said)
    assert step.received_unknown is overlapping
    assert step.received is (None if overlapping else said)


def first_views(setup: Setup) -> list[object]:
    """The votes of S1 and S2, after S1 asked S2 for its vote."""
    cluster = setup.cluster()
    run(cluster, (actions.ElectionTimeout(s1), actions.Deliver(s1, s2)))
    return [cluster.views[server].voted_for for server in (s1, s2)]


def test_a_vote_is_hidden_or_shown() -> None:
    """The subject of these tests does what they need."""
    assert first_views(hiding(REQUEST_VOTE)) == [s1, s1]
    assert first_views(hiding(shows_votes=False)) == [UNOBSERVED, UNOBSERVED]
