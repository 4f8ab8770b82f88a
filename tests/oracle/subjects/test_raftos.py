"""RaftOS as a subject: it is driven without time, its files survive, and settings are checked."""

import asyncio
from collections.abc import Iterator

import pytest

from model.drivers.walker import walk
from model.setup import Setup
from model.subject import SubjectError
from oracle.commands.options import read_ignored
from oracle.subjects.raftos.subject import RAFTOS, RaftosSubject
from raft_core import Role, s1, s2, s3
from tests.require import unmet

SETTINGS = {"serializer": "json"}
MOST_RUNS = 8


@pytest.fixture
def cluster() -> Iterator[RaftosSubject]:
    """Three servers, just started."""
    try:
        subject = RAFTOS.create(3, SETTINGS)
    except ValueError as error:
        unmet("pypi", f"RaftOS cannot be installed: {error}")
    subject.reset()
    yield subject
    subject.close()


def elect(cluster: RaftosSubject) -> None:
    """Make S1 the leader, by the vote of S2."""
    asked = cluster.election_timeout(s1)
    (vote,) = cluster.receive(next(each for each in asked if each.destination == s2))
    cluster.receive(vote)


def test_nothing_happens_until_a_timer_is_called(cluster: RaftosSubject) -> None:
    """Servers start as followers of term 0, with empty logs, and send nothing."""
    assert cluster.reset() == ()
    views = [cluster.view(server) for server in (s1, s2, s3)]
    assert {(view.role, view.current_term, view.log.last_index) for view in views} == {
        (Role.FOLLOWER, 0, 0)
    }


def test_a_leader_replicates_what_clients_say(cluster: RaftosSubject) -> None:
    """An election, a request, and a commit, by deliveries alone."""
    elect(cluster)
    assert cluster.view(s1).role is Role.LEADER
    sent = cluster.client_request(s1, "v1")
    append = next(each for each in sent if each.destination == s2)
    assert append.label == "append_entries t1 prev 0@0 entry 1@1 v1 commit 0 request 1"
    (reply,) = cluster.receive(append)
    cluster.receive(reply)
    assert cluster.view(s1).commit_index == 1
    assert cluster.view(s1).match_index == (1, 1, 0)
    assert cluster.view(s2).log == cluster.view(s1).log


def test_files_survive_a_crash(cluster: RaftosSubject) -> None:
    """Log and term are read again; the vote is lost, which is the library's mistake."""
    elect(cluster)
    cluster.client_request(s1, "v1")
    before = cluster.view(s1)
    cluster.crash(s1)
    cluster.restart(s1)
    after = cluster.view(s1)
    assert (after.role, after.current_term, after.log) == (Role.FOLLOWER, 1, before.log)
    assert before.voted_for == s1
    assert after.voted_for is None


def test_a_request_is_refused_by_a_follower(cluster: RaftosSubject) -> None:
    """A server that knows another leader takes no request; one that knows none lets it wait."""
    elect(cluster)
    heartbeat = next(each for each in cluster.heartbeat_timeout(s1) if each.destination == s2)
    cluster.receive(heartbeat)
    assert cluster.client_request(s2, "refused") == ()
    assert cluster.client_request(s3, "waits") == ()
    cluster.election_timeout(s3)
    assert cluster.view(s2).log.last_index == 0


def test_what_the_library_raises_is_told(cluster: RaftosSubject) -> None:
    """An exception in a handler is a failure of the subject, as asyncio would only log it."""
    elect(cluster)
    cluster.election_timeout(s2)
    heartbeat = next(each for each in cluster.heartbeat_timeout(s1) if each.destination == s2)
    (refusal,) = cluster.receive(heartbeat)
    with pytest.raises(SubjectError, match="KeyError: 'request_id'"):
        cluster.receive(refusal)


@pytest.mark.parametrize(
    ("seed", "broken", "detail"),
    [
        (1, "MatchMonotonic", "fell from 2 to 1"),  # issue #25
        (0, "CommittedOnQuorum", "it is committed, and on 1 of 3 servers"),  # issue #26
        (0, "SubjectFailed", "raftos raised KeyError: 'request_id'"),  # issue #27
    ],
)
def test_walks_meet_the_published_mistakes(seed: int, broken: str, detail: str) -> None:
    """Within eight runs of the walker, in the hunts that docs/findings shows."""
    ignored = read_ignored((), (broken,))
    setup = Setup(factory=RAFTOS, servers=3, network="any", settings=SETTINGS, ignore=ignored)
    try:
        cluster = setup.cluster()
    except ValueError as error:
        unmet("pypi", f"RaftOS cannot be installed: {error}")
    try:
        outcomes = (walk(cluster, seed, number)[0] for number in range(MOST_RUNS))
        met = next(each for each in outcomes if each and each.property not in ignored)
    finally:
        cluster.subject.close()
    assert met.property == broken
    assert detail in met.detail


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"colour": "blue"}, "found 'colour', expected one of version, serializer, survive_errors"),
        ({"serializer": "xml"}, "found 'xml', expected msgpack or json"),
        ({"survive_errors": "1"}, "found '1', expected true or false"),
        ({"version": "new"}, "found 'new', expected a version such as 0.2.6"),
    ],
    ids=str,
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, str], message: str) -> None:
    """In one line, with what was found and what was expected."""
    with pytest.raises(ValueError, match=message):
        RAFTOS.create(3, settings)


def test_servers_start_where_the_thread_has_no_event_loop() -> None:
    """Whoever ran asyncio before leaves none behind; the library's timers do not need it."""
    asyncio.run(asyncio.sleep(0))
    try:
        subject = RAFTOS.create(3, SETTINGS)
    except ValueError as error:
        unmet("pypi", f"RaftOS cannot be installed: {error}")
    subject.reset()
    elect(subject)
    assert subject.view(s1).role is Role.LEADER
    subject.close()
