"""What properties see of a server: a State as it stands, or an ObservedView."""

import pytest
from attrs import evolve, fields

from properties.facts import BLANK
from properties.view import (
    CLIENTS,
    KNOWN_OBSERVATIONS,
    MACHINE,
    MEANINGS,
    MEMBERSHIP,
    REFERENCE_OBSERVES,
    SNAPSHOT,
    View,
)
from raft_core import Configuration, Machine, Role, State
from tests.raft_core.build import follower, leader_of

SEEN = ("role", "current_term", "voted_for", "log", "commit_index", "last_applied")
LEADING = ("next_index", "match_index")


@pytest.mark.parametrize("state", [follower(2, (1,)), leader_of(3, (1, 3))])
def test_state_is_a_view(state: State) -> None:
    """The reference's state shows every field of Figure 2 under its name."""
    view: View = state
    assert all(hasattr(view, name) for name in (*SEEN, *LEADING))


def test_observed_view_has_the_same_fields_and_a_digest() -> None:
    """What an adapter fills in is what a State shows, and the state machine's content."""
    named = {each.name for each in fields(type(BLANK))}
    assert named == {*SEEN, *LEADING, "applied_digest"}


def test_blank_server_shows_nothing_that_could_break_a_property() -> None:
    """Before its first start a server follows in term 0 with an empty log."""
    assert (BLANK.role, BLANK.current_term, BLANK.voted_for) == (Role.FOLLOWER, 0, None)
    assert (BLANK.log.last_index, BLANK.commit_index, BLANK.last_applied) == (0, 0, 0)


def test_reference_of_figure_2_shows_all_but_what_features_bring() -> None:
    """Without features there is no state machine, no snapshot and no client."""
    assert {
        MACHINE,
        SNAPSHOT,
        MEMBERSHIP,
        CLIENTS,
        MEANINGS,
    } == KNOWN_OBSERVATIONS - REFERENCE_OBSERVES


def test_state_shows_its_machine_where_a_feature_keeps_one() -> None:
    """Figure 2 runs no state machine, so that it has no digest; with a feature there is one."""
    plain = follower(2, (1,))
    assert plain.applied_digest is None
    extended = evolve(plain, configuration=Configuration(servers=3, state_machine=True))
    assert extended.applied_digest == Machine()
