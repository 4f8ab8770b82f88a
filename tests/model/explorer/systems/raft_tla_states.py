"""States and messages of Ongaro's specification, and where its actions lead."""

from collections.abc import Iterable
from typing import Any, Final

from attrs import evolve, frozen

from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.raft_tla_actions import (
    AppendEntriesRequest,
    AppendEntriesResponse,
    Entry,
    Log,
    Message,
    RequestVoteRequest,
    RequestVoteResponse,
    ServerVariables,
    in_order,
    initial_variables,
)
from model.explorer.systems.system import State, Successor, System, successors
from raft_core import Role, Server, s1, s2

WIDE: Final = RaftTla(max_term=3, max_log=3, max_messages=3, max_copies=3)
NOTHING: Final = initial_variables(3)
OLD: Final = Entry(1, 0)
NEW: Final = Entry(2, 0)
REQUEST: Final = AppendEntriesRequest(
    mterm=2,
    mprev_log_index=0,
    mprev_log_term=0,
    mentries=(NEW,),
    mlog=None,
    mcommit_index=0,
    msource=s2,
    mdest=s1,
)


@frozen
class Reached:
    """Where an action leads: the variables of S1, the bag as a dictionary, and the branch."""

    variables: ServerVariables
    messages: dict[Message, int]
    branch: object


def variables(**changed: Any) -> ServerVariables:
    """Variables of one server that differ from the initial ones."""
    return evolve(NOTHING, **changed)


def candidate(**changed: Any) -> ServerVariables:
    """A candidate in term 2."""
    return variables(current_term=2, state=Role.CANDIDATE, **changed)


def leader(**changed: Any) -> ServerVariables:
    """A leader in term 2."""
    return variables(current_term=2, state=Role.LEADER, **changed)


def state_of(first: ServerVariables, messages: Iterable[Message] = ()) -> State:
    """A state in which S1 is as given, with messages in flight."""
    return (first, NOTHING, NOTHING, in_order(dict.fromkeys(messages, 1)))


def generated(action: str, state: State, system: System = WIDE) -> list[Successor]:
    """The successors that an action generates."""
    return [each for each in successors(system, state) if each.offer.kind == action]


def reached(action: str, first: ServerVariables, *messages: Message) -> list[Reached]:
    """Where an action leads from a state in which S1 is as given; the others start in term 1."""
    found = []
    for successor in generated(action, state_of(first, messages)):
        assert successor.state is not None
        note = None if successor.outcome is None else successor.outcome.note
        found.append(Reached(successor.state[0], dict(successor.state[3]), note))
    return found


def vote_request(source: Server = s2, destination: Server = s1, **changed: Any) -> Message:
    """A RequestVoteRequest of term 2 with an empty log."""
    plain = RequestVoteRequest(
        mterm=2, mlast_log_term=0, mlast_log_index=0, msource=source, mdest=destination
    )
    return evolve(plain, **changed)


def vote(granted: bool, term: int = 2, log: Log | None = None) -> RequestVoteResponse:
    """A RequestVoteResponse of S2 to S1."""
    return RequestVoteResponse(mterm=term, mvote_granted=granted, mlog=log, msource=s2, mdest=s1)


def answer(success: bool, match: int, term: int = 2) -> AppendEntriesResponse:
    """An AppendEntriesResponse of S2 to S1."""
    return AppendEntriesResponse(
        mterm=term, msuccess=success, mmatch_index=match, msource=s2, mdest=s1
    )


def received_by(state: State) -> list[str]:
    """The disjuncts of Receive that are enabled in a state."""
    kinds = [each.offer.kind for each in successors(WIDE, state)]
    return [each for each in kinds if each.startswith(("Update", "Handle", "DropStale"))]
