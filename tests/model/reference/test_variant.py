"""Protocols as values: a mutant is a copy with one function replaced, and raft_core stays whole."""

from types import FunctionType

import pytest

import raft_core.commit
import raft_core.election
import raft_core.replication
import raft_core.server
from model.mutants import MUTANTS, Mutant
from model.reference import disk as durability
from model.reference.cluster import ReferenceFactory
from model.reference.replacing import MODULES
from model.reference.variant import REFERENCE, TURNED_ON_BY, not_in_use, with_replaced
from raft_core import (
    ElectionTimeout,
    PersistentState,
    Role,
    State,
    s1,
    step,
)
from tests.raft_core.build import (
    acknowledgement,
    follower,
    leader_of,
    request_vote,
    vote,
)

in_every_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: str(each.name))


def nobody_is_elected(state: State) -> bool:
    """No majority is enough."""
    return False


def everybody_is_elected(state: State) -> bool:
    """Standing is enough."""
    return True


def functions() -> dict[str, object]:
    """Every function of the modules that a protocol copies, by its full name, and its parts."""
    return {
        f"{module.__name__}.{name}": (value, value.__code__, value.__globals__ is vars(module))
        for module in MODULES
        for name, value in vars(module).items()
        if isinstance(value, FunctionType) and value.__module__ == module.__name__
    }


def test_reference_is_raft_core_itself() -> None:
    """Nothing is copied where nothing is replaced."""
    assert REFERENCE.step is raft_core.extended.step
    assert REFERENCE.restart is raft_core.extended.restart
    assert REFERENCE.operations_of is durability.operations_of


def test_replacement_is_used_wherever_the_function_was() -> None:
    """`is_elected` is called by the election's own module, from two places."""
    changed = with_replaced("raft_core.election.is_elected", nobody_is_elected)
    state, _ = changed.step(follower(1, servers=1), ElectionTimeout())
    assert state.role is Role.CANDIDATE
    candidate, _ = changed.step(follower(1), ElectionTimeout())
    candidate, _ = changed.step(candidate, vote(candidate.current_term))
    assert candidate.role is Role.CANDIDATE


def test_replacement_is_used_from_other_modules_too() -> None:
    """Heartbeats live with replication; election and server call them by other modules' names."""

    def nothing_to_all(state: State) -> tuple[()]:
        """Sends nothing."""
        return ()

    changed = with_replaced("raft_core.replication.append_entries_to_all", nothing_to_all)
    candidate, _ = changed.step(follower(1), ElectionTimeout())
    leader, messages = changed.step(candidate, vote(candidate.current_term))
    assert (leader.role, messages) == (Role.LEADER, ())


def test_restart_may_be_replaced() -> None:
    """The function that starts a server is part of a protocol."""

    def restart(server: object, configuration: object, stored: object) -> State:
        """Starts somebody else."""
        return follower(9)

    changed = with_replaced("raft_core.server.restart", restart)
    state = follower(2)
    assert changed.restart(s1, state.configuration, PersistentState()).current_term == 9


def test_raft_core_is_unaffected() -> None:
    """A copy has functions of its own: raft_core's are the same objects with the same code."""
    before = functions()
    for mutant in MUTANTS:
        mutant.protocol()
    with_replaced("raft_core.election.is_elected", everybody_is_elected)
    assert functions() == before
    assert step(follower(1), ElectionTimeout())[0].role is Role.CANDIDATE


def test_two_protocols_run_side_by_side() -> None:
    """Each has its own replacement, and neither the other's."""
    everybody = with_replaced("raft_core.election.is_elected", everybody_is_elected)
    nobody = with_replaced("raft_core.election.is_elected", nobody_is_elected)
    lone, three = follower(1, servers=1), follower(1)
    for _ in range(2):
        assert everybody.step(three, ElectionTimeout())[0].role is Role.LEADER
        assert nobody.step(lone, ElectionTimeout())[0].role is Role.CANDIDATE
        assert REFERENCE.step(three, ElectionTimeout())[0].role is Role.CANDIDATE
        assert REFERENCE.step(lone, ElectionTimeout())[0].role is Role.LEADER


def test_copy_that_replaces_a_function_by_itself_behaves_the_same() -> None:
    """All that is not replaced stays the reference's, defaults included."""
    same = with_replaced("raft_core.election.is_elected", raft_core.election.is_elected)
    for state, event in (
        (follower(1), ElectionTimeout()),
        (follower(1), request_vote(2)),
        (leader_of(2, (2,)), acknowledgement(2, 1)),
    ):
        assert same.step(state, event) == step(state, event)


def test_unknown_target_is_refused() -> None:
    """A function that raft_core does not have cannot be replaced by mistake."""
    with pytest.raises(ValueError, match=r"did you mean 'raft_core.election.is_elected'.* is_vote"):
        with_replaced("raft_core.election.is_selected", nobody_is_elected)


@in_every_mutant
def test_target_of_a_mutant_exists(mutant: Mutant) -> None:
    """What a mutant replaces is a function of raft_core, or of what a disk keeps."""
    assert mutant.replaces in functions()
    assert mutant.replacement is not functions()[mutant.replaces]


@in_every_mutant
def test_mutant_takes_what_the_function_takes(mutant: Mutant) -> None:
    """The replacement is called with the same arguments."""
    module, _, name = mutant.replaces.rpartition(".")
    (original,) = (vars(each)[name] for each in MODULES if each.__name__ == module)
    names = original.__code__.co_varnames[: original.__code__.co_argcount]
    code = mutant.replacement.__code__
    assert code.co_varnames[: code.co_argcount] == names


@in_every_mutant
def test_mistake_is_in_use_where_its_feature_is_on(mutant: Mutant) -> None:
    """With the settings that a mutant lists, all that it replaces has a say."""
    assert not_in_use(mutant.protocol(), mutant.settings) == {}


def test_what_is_replaced_in_a_feature_that_is_off_is_named() -> None:
    """With every setting that would let it have a say; nothing where one of them is on."""
    changed = with_replaced(
        {
            "raft_core.prevote.would_be_elected": lambda state: True,
            "raft_core.reconfiguration.may_stand": lambda state: True,
            "raft_core.election.is_vote_free": lambda state, candidate: True,
        }
    )
    changes = ("joint_consensus", "single_server_changes")
    in_vain = {"raft_core.prevote.would_be_elected": ("pre_vote",)}
    both = {**in_vain, "raft_core.reconfiguration.may_stand": changes}
    assert not_in_use(changed, {}) == not_in_use(changed, {"pre_vote": "off"}) == both
    assert not_in_use(changed, {"joint_consensus": "on"}) == in_vain
    assert not_in_use(changed, {"features": "on"}) == not_in_use(REFERENCE, {}) == {}


def test_modules_and_settings_of_features_exist() -> None:
    """What turns a module's functions on is a setting of the reference, off unless it is set."""
    known = {each.name: each.default for each in ReferenceFactory().settings}
    assert {*TURNED_ON_BY} <= {each.__name__ for each in MODULES}
    assert {known[each] for ways in TURNED_ON_BY.values() for each in ways} == {"off"}
