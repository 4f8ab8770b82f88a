"""The scenarios' schedules: each a story in stages, for any number of servers.

A test plays a story stage by stage and says after each what must have come of it; the golden
traces show the same stories whole. S1 leads first in every story.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from model.actions import (
    ClientRequest,
    Crash,
    Deliver,
    Elect,
    ElectionTimeout,
    Exchange,
    Heal,
    Partition,
    Restart,
    Schedule,
    Sync,
)
from raft_core import Server, s1, s2, s3

Members: TypeAlias = tuple[Server, ...]
Stages: TypeAlias = tuple[Schedule, ...]

FIRST_LEADER: Final[Schedule] = (Elect(s1), Sync(s1))


def minority(members: Members) -> Members:
    """S1 and as many after it as are less than half."""
    return members[: (len(members) - 1) // 2]


def others(members: Members, *excepted: Server) -> Members:
    """All servers but some."""
    return tuple(server for server in members if server not in excepted)


def agreed(leader: Server, *commands: str, without: Members = ()) -> Schedule:
    """A leader gets commands, and reaches the servers that it can: to replicate, and to commit."""
    requests = tuple(ClientRequest(leader, command) for command in commands)
    return (*requests, Sync(leader, without), Sync(leader, without))


def alone(servers: Members) -> Schedule:
    """Each of these servers loses all its links."""
    return tuple(Partition((server,)) for server in servers)


def initial_election(members: Members) -> Stages:
    """A leader is elected; then nothing fails for a while."""
    return FIRST_LEADER, (Sync(s1),) * 3


def split_vote(members: Members) -> Stages:
    """S1 and S2 stand at the same time; then one of them stands again."""
    tie = (ElectionTimeout(s1), ElectionTimeout(s2), Exchange(s1, s2))
    return tie, (Elect(s2), Sync(s2))


def re_election(members: Members) -> Stages:
    """The leader is cut off, another is elected, and the old one returns."""
    return (
        FIRST_LEADER,
        (*alone((s1,)), Elect(s2), Sync(s2)),
        (Heal(), Sync(s1)),
    )


def no_quorum(members: Members) -> Stages:
    """More than half are cut off, the leader among them; then all return."""
    return (
        FIRST_LEADER,
        (*alone((s1, *members[2 : 2 + len(members) // 2])), Elect(s2), Elect(s2)),
        (Heal(), Elect(s2), Sync(s2)),
    )


def leader_crash(members: Members) -> Stages:
    """The leader crashes and another one is elected; the old one restarts and follows."""
    return (
        (*FIRST_LEADER, *agreed(s1, "a")),
        (Crash(s1), Elect(s2), *agreed(s2, "b")),
        (Restart(s1), *agreed(s2, "c")),
    )


def basic_agreement(members: Members) -> Stages:
    """Three requests, one after the other."""
    return (FIRST_LEADER, *(agreed(s1, command) for command in ("a", "b", "c")))


def follower_cut_off(members: Members) -> Stages:
    """The last server misses some requests, and returns."""
    last = members[-1]
    return (
        (*FIRST_LEADER, *agreed(s1, "a")),
        (*alone((last,)), *agreed(s1, "b", "c", "d")),
        (Heal(), *agreed(s1, "e")),
    )


def impatient_follower(members: Members) -> Stages:
    """The last server misses a request, stands for election in vain, and stands again healed."""
    last = members[-1]
    return (
        (*FIRST_LEADER, *agreed(s1, "a")),
        (*alone((last,)), *agreed(s1, "b"), Elect(last), Elect(last)),
        (Heal(), Elect(last), Elect(last)),
        (Elect(s2), *agreed(s2, "c")),
    )


def no_majority(members: Members) -> Stages:
    """A leader with a minority behind it gets requests; later the majority is back."""
    return (
        (*FIRST_LEADER, *agreed(s1, "a")),
        (Partition(minority(members)), *agreed(s1, "b", "c")),
        (Heal(), *agreed(s1, "d")),
    )


def concurrent_requests(members: Members) -> Stages:
    """Five requests before any message arrives; then the newest message arrives first."""
    requests = tuple(ClientRequest(s1, command) for command in "abcde")
    return (
        (*FIRST_LEADER, *requests),
        tuple(Exchange(s1, peer, newest_first=True) for peer in others(members, s1)),
        (Sync(s1), Sync(s1)),
    )


def rejoin(members: Members) -> Stages:
    """A leader cut off collects requests; it returns while the next leader is cut off."""
    lost = tuple(ClientRequest(s1, command) for command in ("lost 1", "lost 2", "lost 3"))
    return (
        (*FIRST_LEADER, *agreed(s1, "a")),
        (*alone((s1,)), *lost, Elect(s2), *agreed(s2, "b")),
        (ClientRequest(s2, "lost 4"), Heal(), *alone((s2,)), Elect(s3), *agreed(s3, "c")),
        (Heal(), Sync(s2), *agreed(s3, "d")),
    )


def restart_of_all(members: Members) -> Stages:
    """All servers crash at once, between agreements and in the middle of one."""
    back: Schedule = (*map(Crash, members), *map(Restart, members))
    return (
        (*FIRST_LEADER, *agreed(s1, "a")),
        back,
        (Elect(s2), *agreed(s2, "b")),
        (ClientRequest(s2, "c"), Sync(s2, members[3:]), *back),
        (Elect(s3), *agreed(s3, "d")),
    )


def crash_after_answer(members: Members) -> Stages:
    """Followers acknowledge an entry and crash at once; the leader crashes too."""
    followers = others(members, s1)
    return (
        (*FIRST_LEADER, ClientRequest(s1, "a"), *(Deliver(s1, one, -1) for one in followers)),
        tuple(Deliver(one, s1, -1) for one in followers),
        (*map(Restart, members), Elect(s2), *agreed(s2, "b")),
    )


def vote_and_crash(members: Members) -> Stages:
    """A voter elects a leader and crashes; a rival asks for its vote in the same term."""
    voters = members[1 : 1 + len(members) // 2]
    rival = members[-1]
    return (
        (Elect(s1, others(members, s1, *voters)),),
        (*map(Restart, voters), Elect(rival, (s1,))),
    )


def wrong_logs(members: Members) -> Stages:
    """The last server leads TERMS terms in vain; S1 replicates as much, S2 takes over from it."""
    last = members[-1]
    vain: Schedule = ()
    for number in range(TERMS):
        requests = tuple(ClientRequest(last, f"lost {number}.{one}") for one in range(EACH))
        vain += (Elect(last), *requests, Restart(last))
    good = tuple(f"good {number}" for number in range(TERMS * EACH))
    many = (Sync(s1, (last,)),) * (TERMS * EACH)
    return (
        (*vain, Crash(last)),
        (Elect(s1), *(ClientRequest(s1, each) for each in good), *many, Elect(s2), Sync(s2)),
        (Restart(last), Sync(s2), ClientRequest(s2, "last"), *(Sync(s2),) * (TERMS * EACH)),
    )


TERMS, EACH = 4, 10
"""How many terms' entries are wrong, and how many in each: the lab's test has 50 at a time."""

STORIES: Final[dict[str, Callable[[Members], Stages]]] = {
    story.__name__: story
    for story in (
        initial_election,
        split_vote,
        re_election,
        no_quorum,
        leader_crash,
        basic_agreement,
        follower_cut_off,
        impatient_follower,
        no_majority,
        concurrent_requests,
        rejoin,
        restart_of_all,
        crash_after_answer,
        vote_and_crash,
    )
}
"""Those that are short enough to be read as a trace."""
