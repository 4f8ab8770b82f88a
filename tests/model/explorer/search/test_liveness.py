"""Which states can still reach a goal: by hand, against plain sets, and for Raft and mutants."""

from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import pytest
from attrs import evolve

from model.explorer.engines.choice import make_engine
from model.explorer.search.liveness import (
    LivenessGoal,
    LivenessResult,
    are_narrow,
    check_liveness,
    spread_marks,
)
from model.explorer.search.raft_liveness import A_COMMIT, FAULTLESS, is_commit, with_room_to_recover
from model.explorer.search.reference_search import Keys
from model.explorer.search.result import SearchLimits, moves_along
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.system import State, System, successors
from model.mutants import MUTANT_BY_NAME
from model.reference.settings import read_settings
from model.reference.variant import REFERENCE, Protocol, with_replaced
from properties.checker import Checker
from properties.view import REFERENCE_OBSERVES
from raft_core import Role, Server
from raft_core.state import State as ServerState
from tests.model.explorer.toys import Edge, Maze

TO_GOAL = LivenessGoal(frozenset({"walk", "free"}), lambda note: note == "goal", "walk")
FORK: tuple[Edge, ...] = (
    ("free", "start", "hall"),
    ("walk", "hall", "goal"),
    ("walk", "goal", "hall"),
    ("fault", "start", "pit"),
    ("free", "pit", "cellar"),
    ("free", "cellar", "pit"),
    ("fault", "cellar", "goal"),
)


def votes_in_one_term_only(state: ServerState, candidate: Server) -> bool:
    """Keeps a vote for ever."""
    return state.voted_for is None and state.current_term <= 1


VOTES_ONCE = with_replaced("raft_core.election.is_vote_free", votes_in_one_term_only)


def asked(
    system: System, room: System, goal: LivenessGoal = TO_GOAL, most: int = 100_000
) -> LivenessResult:
    """What is said of a system, with NumPy."""
    engine = make_engine("numpy", system, symmetry=True, workers=1)
    return check_liveness(engine, room, goal, SearchLimits(), most)


def raft(
    bounds: Bounds,
    protocol: Protocol = REFERENCE,
    servers: int = 2,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> RaftSystem:
    """A cluster without properties."""
    checker = Checker(servers, REFERENCE_OBSERVES, ())
    return RaftSystem(read_settings(settings, servers), bounds, checker, protocol)


def asked_of_raft(
    bounds: Bounds, protocol: Protocol = REFERENCE, servers: int = 2, most: int = 100_000
) -> LivenessResult:
    """What is said of a cluster."""
    system = raft(bounds, protocol, servers)
    return asked(system, with_room_to_recover(system), A_COMMIT, most)


def counts_of(liveness: LivenessResult) -> tuple[int, int, int, int]:
    """States that can reach the goal, are at the bound, dead ends, and undecided."""
    return liveness.can_reach, liveness.at_bound, liveness.dead_ends, liveness.undecided


def test_state_that_only_a_fault_leads_out_of_is_a_dead_end() -> None:
    """A fault may lead into a trap, but the way out has to do without one."""
    maze = evolve(Maze(FORK), fuel=3)
    found = asked(maze, evolve(maze, fuel=9))
    assert found.dead_ends == 2
    assert found.path is not None
    assert [move.successor.offer.event for move in moves_along(maze, found.path)] == ["pit"]


def test_bound_is_told_from_a_dead_end() -> None:
    """Who has no fuel left is at the bound; the same with more fuel is not."""
    maze = evolve(Maze(FORK[:3]), fuel=1)
    assert counts_of(asked(maze, evolve(maze, fuel=9))) == (2, 1, 0, 0)
    assert counts_of(asked(maze, maze)) == (2, 0, 1, 0)


def test_initial_state_may_be_a_dead_end() -> None:
    """The path to it has no moves."""
    maze = Maze((("fault", "start", "goal"),))
    assert asked(maze, maze).path == ()


def test_move_that_breaks_a_property_is_no_way_to_the_goal() -> None:
    """What happens in a violation does not count, and nor does what would come after it."""
    maze = Maze((("free", "start", "trap"), ("free", "trap", "goal")))
    to_trap = evolve(TO_GOAL, is_goal=lambda note: note == "trap")
    assert asked(maze, maze, to_trap).dead_ends == 1
    assert asked(maze, maze).dead_ends == 1


def test_move_to_try_first_rules_out_no_other() -> None:
    """Where the moves that are tried alone go round in circles, the others are still made."""
    maze = Maze(
        (
            ("walk", "start", "loop"),
            ("walk", "loop", "start"),
            ("free", "start", "hall"),
            ("walk", "hall", "goal"),
            ("walk", "goal", "goal"),
        ),
        fuel=0,
    )
    assert counts_of(asked(maze, evolve(maze, fuel=5))) == (0, 2, 0, 0)


def test_what_was_not_looked_at_is_undecided() -> None:
    """A bound on the states that are looked at makes nothing a dead end."""
    maze = Maze((("free", "start", "cellar"), ("walk", "cellar", "hall")), fuel=0)
    assert counts_of(asked(maze, evolve(maze, fuel=1), most=0)) == (0, 0, 0, 2)
    assert counts_of(asked(maze, evolve(maze, fuel=1))) == (0, 0, 2, 0)


def test_marks_go_all_the_way_and_no_further() -> None:
    """Marks follow edges in their direction, over any number of them."""
    marks = np.array([False, True, False, False, False])
    spread_marks(marks, np.array([2, 1, 4]), np.array([3, 2, 0]))
    assert marks.tolist() == [False, True, True, True, False]


def test_narrow_keeps_one_move_where_there_is_one_to_try_first() -> None:
    """The first of those moves of a state; all moves of a state that has none."""
    firsts = np.array([False, True, True, False, False])
    assert are_narrow(np.array([0, 0, 0, 1, 1]), firsts).tolist() == [
        False,
        True,
        False,
        True,
        True,
    ]


Key: TypeAlias = Any


def reachable(
    system: System, roots: dict[Key, State], counts: Callable[[str], bool]
) -> dict[Key, tuple[State, set[Key], bool]]:
    """What moves of some kinds lead to: each state, with its next ones, and if one move commits."""
    found, todo = {}, dict(roots)
    while todo:
        key, state = todo.popitem()
        made = [each for each in successors(system, state) if counts(each.offer.kind)]
        nexts = {key_of(system, each.state): each.state for each in made if each.state is not None}
        commits = any(each.outcome is not None and is_commit(each.outcome.note) for each in made)
        found[key] = (state, set(nexts), commits)
        todo.update((each, nexts[each]) for each in nexts if each not in found)
    return found


def key_of(system: System, state: State) -> Key:
    """A state as bytes."""
    return Keys(system, system.renamings[:1]).of(state)


def stuck_of(system: System, states: dict[Key, State]) -> dict[Key, State]:
    """Those of which no moves without faults lead to a commit."""
    found = reachable(system, states, FAULTLESS.__contains__)
    live = {key for key, (_, _, commits) in found.items() if commits}
    before = -1
    while before < len(live):
        before = len(live)
        live |= {key for key, (_, nexts, _) in found.items() if not live.isdisjoint(nexts)}
    return {key: state for key, state in states.items() if key not in live}


def counted_plainly(system: RaftSystem) -> tuple[int, int, int, int]:
    """The same counts from plain objects and sets."""
    start = system.initial()
    found = reachable(system, {key_of(system, start): start}, lambda kind: True)
    states = {key: state for key, (state, _, _) in found.items()}
    stuck = stuck_of(system, states)
    dead = stuck_of(with_room_to_recover(system), stuck)
    return len(states) - len(stuck), len(stuck) - len(dead), len(dead), 0


@pytest.mark.parametrize(
    ("protocol", "drops", "has_dead_ends"), [(REFERENCE, 1, False), (VOTES_ONCE, 0, True)]
)
def test_counts_are_those_of_plain_search(
    protocol: Protocol, drops: int, has_dead_ends: bool
) -> None:
    """Without symmetry, two servers in one term: plain objects and sets say the same."""
    system = raft(Bounds(max_term=1, max_inbox=1, drops=drops), protocol)
    engine = make_engine("numpy", system, symmetry=False, workers=1)
    found = check_liveness(engine, with_room_to_recover(system), A_COMMIT, SearchLimits())
    assert counts_of(found) == counted_plainly(system)
    assert (found.dead_ends > 0) is has_dead_ends


@pytest.mark.parametrize("engine", ["numpy", "auto"])
def test_reference_has_no_dead_end(engine: str) -> None:
    """Three servers with a crash and a loss: a leader can always commit, if need be one term on."""
    system = raft(Bounds(max_term=1, max_inbox=2, restarts=1, drops=1), servers=3)
    explorer = make_engine(engine, system, symmetry=True, workers=1)
    found = check_liveness(
        explorer, with_room_to_recover(system), A_COMMIT, SearchLimits(states=20_000)
    )
    assert found.can_reach > 0
    assert found.at_bound > 0
    assert (found.dead_ends, found.undecided) == (0, 0)


def test_cluster_whose_inboxes_are_full_is_at_the_bound() -> None:
    """With room for one message each, three servers block each other: no fault of theirs."""
    assert counts_of(asked_of_raft(Bounds(max_inbox=1), servers=3)) == (0, 3, 0, 0)


def test_leader_that_never_backs_up_is_a_dead_end() -> None:
    """The shortest way there: a leader takes a request that its rival can neither get nor lack."""
    mutant = MUTANT_BY_NAME["hint-never-backs-up"].protocol()
    bounds = Bounds(max_term=2, max_inbox=2)
    found = asked_of_raft(bounds, mutant)
    assert found.dead_ends == 15
    assert found.path is not None
    assert [
        each.successor.offer.kind for each in moves_along(raft(bounds, mutant), found.path)
    ] == [
        "ElectionTimeout",
        "Deliver",
        "ElectionTimeout",
        "Deliver",
        "ClientRequest",
    ]


def test_servers_that_vote_once_for_ever_are_a_dead_end() -> None:
    """Three candidates of one term: nobody will ever be elected again."""
    bounds = Bounds(max_term=1, max_inbox=2)
    found = asked_of_raft(bounds, VOTES_ONCE, servers=3)
    assert found.dead_ends == 12
    assert found.path is not None
    last = moves_along(raft(bounds, VOTES_ONCE, 3), found.path)[-1].successor.state
    assert last is not None
    assert [each.role for each in last[:3]] == [Role.CANDIDATE] * 3


def test_leader_that_sends_nothing_leaves_dead_ends_only() -> None:
    """Where no entry is ever sent, not even the initial state can lead to a commit."""
    target = "raft_core.replication.append_entries_to_all"
    found = asked_of_raft(Bounds(max_term=1), with_replaced(target, lambda state: ()), servers=3)
    assert (found.dead_ends, found.path) == (found.states, ())


def test_time_that_never_goes_by_is_a_bound() -> None:
    """With PreVote the quiet servers only need time, which the exploration has not got."""
    system = raft(Bounds(max_term=2, max_inbox=2), settings={"pre_vote": "on"})
    found = asked(system, with_room_to_recover(system), A_COMMIT)
    assert (found.dead_ends, found.undecided) == (0, 0)
    frozen_clocks = with_room_to_recover(system)
    frozen_clocks.bounds = evolve(frozen_clocks.bounds, ticks=0)
    assert asked(system, frozen_clocks, A_COMMIT).dead_ends > 0


def test_symmetry_changes_no_verdict() -> None:
    """Three equal servers of which one class of states is dead: fewer states, the same shortest."""
    system = raft(Bounds(max_term=1, max_inbox=2), VOTES_ONCE, servers=3)
    classes, states = (
        check_liveness(
            make_engine("numpy", system, symmetry, workers=1),
            with_room_to_recover(system),
            A_COMMIT,
            SearchLimits(),
        )
        for symmetry in (True, False)
    )
    assert classes.path is not None
    assert states.path is not None
    assert len(classes.path) == len(states.path)
    assert 0 < classes.dead_ends < states.dead_ends
    assert 4 * classes.looked_at < states.looked_at


CORRIDOR = tuple(("walk", f"room {each}", f"room {each + 1}") for each in range(50))


@pytest.mark.parametrize(("kind", "looked_at"), [("free", 3), ("walk", 4)])
def test_no_more_is_looked_at_than_is_needed(kind: str, looked_at: int) -> None:
    """No moves of states that reach the goal within the bounds, and of others none after a way."""
    edges: tuple[Edge, ...] = ((kind, "start", "hall"), (kind, "hall", "goal"))
    maze = Maze((*edges, ("free", "goal", "hall"), ("walk", "start", "room 0"), *CORRIDOR), fuel=0)
    found = asked(maze, evolve(maze, fuel=99), evolve(TO_GOAL, first="none"))
    assert (found.dead_ends, found.looked_at) == (0, looked_at)


def test_histories_make_no_difference() -> None:
    """What properties remember is left out of the roomier system, and decides nothing."""
    bounds = Bounds(max_term=1, max_inbox=1, restarts=1)
    checker = Checker(2, REFERENCE_OBSERVES)
    system = RaftSystem(read_settings({}, 2), bounds, checker)
    found = asked(system, with_room_to_recover(system), A_COMMIT)
    assert len(system.components) > len(with_room_to_recover(system).components)
    assert (found.dead_ends, found.undecided) == (0, 0)
    assert found.can_reach > 0


@pytest.mark.parametrize("note", [None, "entry committed"])
def test_only_a_leaders_commit_is_the_goal(note: Hashable) -> None:
    """Another note is none."""
    assert not is_commit(note)
