"""PySyncObj beyond what every subject does: kills inside a step, compaction, changes of members."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from model.actions import ChangeMembership, Compact, CrashInside, Elect, Sync
from model.drivers.walker import walk
from model.runs.run import violation_of
from model.setup import Setup
from model.subject import Packet, ServerCrashedError
from model.world.records import StepRecord
from oracle.subjects.pysyncobj.crash import KilledError, Process
from oracle.subjects.pysyncobj.library import library_of
from oracle.subjects.pysyncobj.links import Links
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ, PySyncObjSubject
from properties.checker import BY_NAME
from properties.view import REPLICATION
from raft_core import Membership, Role, Server, s1, s2, s3
from tests.oracle.subjects.test_pysyncobj import COMPACTING, SERVERS, Wire, restart, started

KILLING = {"crash_points": "true"}
COMPACTED = {"forced_compaction": "true"}
CHANGING = {"membership": "true"}
FAILING = {"power_failures": "true"}


@pytest.fixture
def subject() -> Iterator[PySyncObjSubject]:
    """Three servers that can be killed inside a step."""
    cluster = PYSYNCOBJ.create(3, KILLING)
    cluster.reset()
    yield cluster
    cluster.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The same on a wire, s1 leading."""
    cluster = started(KILLING)
    yield cluster
    cluster.subject.close()


@pytest.fixture
def changing() -> Iterator[Wire]:
    """Servers whose members change, s1 leading."""
    cluster = started(CHANGING)
    yield cluster
    cluster.subject.close()


def killed(subject: PySyncObjSubject, packet: Packet, after: int) -> ServerCrashedError | None:
    """Deliver a packet to a server that dies after so many writes and sends; None if it lives."""
    subject.perform(CrashInside(packet.destination, after))
    try:
        subject.receive(packet)
    except ServerCrashedError as crash:
        return crash
    return None


def vote_request(subject: PySyncObjSubject) -> Packet:
    """The request of s1 that s2 receives."""
    return subject.election_timeout(s1)[0]


VOTING = [(0, 0, None), (1, 0, None), (2, 1, None), (3, 1, None), (4, 1, s1)]
"""Writes before the kill of who is asked to vote, and the term and vote that it then holds:
the meta file is written and renamed for the term, and once more for the vote."""


@pytest.mark.parametrize(("after", "term", "vote"), VOTING)
def test_kill_of_a_voter_leaves_what_it_had_stored(
    subject: PySyncObjSubject, after: int, term: int, vote: Server | None
) -> None:
    """Term and vote come in two renames, and the answer after both."""
    crash = killed(subject, vote_request(subject), after)
    assert crash is not None
    assert crash.sent == ()
    subject.restart(s2)
    view = subject.view(s2)
    assert (view.current_term, view.voted_for) == (term, vote)


def test_kill_that_comes_too_late_is_forgotten(subject: PySyncObjSubject) -> None:
    """A step with five writes and sends is over before the sixth, and the next is not armed."""
    assert killed(subject, vote_request(subject), 5) is None
    assert subject.view(s2).voted_for == s1
    subject.heartbeat_timeout(s2)
    subject.client_request(s2, "v1")
    assert subject.view(s2).current_term == 1


def test_news_of_a_connection_is_no_step(subject: PySyncObjSubject) -> None:
    """A server stays armed until something happens to it that may write."""
    request = vote_request(subject)
    subject.perform(CrashInside(s2, 0))
    subject.disconnect(s2, s3)
    subject.connect(s2, s3)
    with pytest.raises(ServerCrashedError):
        subject.receive(request)


def test_armed_server_that_crashes_is_disarmed(subject: PySyncObjSubject) -> None:
    """A server that is killed in another way starts as if nothing had been planned."""
    request = vote_request(subject)
    subject.perform(CrashInside(s2, 0))
    restart(subject, s2)
    assert subject.receive(request) != ()


APPENDING = [(0, 2, 0), (1, 2, 0), (2, 3, 0)]
"""Writes before the kill of who is sent entry 3, its last entry then, and how much it has sent:
an entry is there with the header that counts it."""


@pytest.mark.parametrize(("after", "last_index", "sent"), APPENDING)
def test_kill_of_a_follower_leaves_whole_entries(
    wire: Wire, after: int, last_index: int, sent: int
) -> None:
    """An entry is in the journal when the header says so, and acknowledged after that."""
    wire.sync(s1)
    wire.subject.client_request(s1, "v1")
    packet = wire.subject.heartbeat_timeout(s1)[0]
    assert packet.destination == s2
    crash = killed(wire.subject, packet, after)
    assert crash is not None
    assert len(crash.sent) == sent
    wire.subject.restart(s2)
    assert wire.subject.view(s2).log.last_index == last_index


def test_kill_shows_the_log_on_the_disk_and_nothing_else_new(wire: Wire) -> None:
    """What is acknowledged before the kill counts, and the look changes no file."""
    wire.sync(s1)
    wire.subject.client_request(s1, "v1")
    packet = wire.subject.heartbeat_timeout(s1)[0]
    before = wire.subject.view(s2)
    crash = killed(wire.subject, packet, 2)
    assert crash is not None
    assert crash.view is not None
    files = files_of(wire.subject.directory)
    assert sorted(path.name for path in wire.subject.directory.iterdir()) == ["s1", "s2", "s3"]
    assert (crash.view.log.last_index, crash.view.commit_index) == (3, before.commit_index)
    wire.subject.restart(s2)
    assert wire.subject.view(s2).log == crash.view.log
    assert files_of(wire.subject.directory) == files


def test_look_at_a_disk_changes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the start that it takes writes: after a dump, the journal is cut."""
    disks = []
    for looks in (True, False):
        if not looks:
            monkeypatch.setattr(PySyncObjSubject, "_after_crash", lambda *arguments: None)
        wire = started({**KILLING, **COMPACTED})
        wire.write(s1, "v1", "v2")
        wire.subject.perform(Compact(s2))
        wire.subject.client_request(s1, "v3")
        crash = killed(wire.subject, wire.subject.heartbeat_timeout(s1)[0], 3)
        assert crash is not None
        disks.append(files_of(wire.subject.directory))
        wire.subject.close()
    assert disks[0] == disks[1]


def files_of(directory: Path) -> dict[str, bytes]:
    """All that is on the disks."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in files}


def test_acknowledgement_of_a_killed_server_is_rightly_counted() -> None:
    """S1 answers, writes on and dies: its entry is on its disk, and committed on two of three."""
    settings = {**KILLING, **COMPACTING}
    setup = Setup(factory=PYSYNCOBJ, servers=3, network="fifo", settings=settings)
    cluster = setup.cluster()
    actions = (Elect(s2, (s3,)), CrashInside(s1, 3), Sync(s2, (s3,)))
    assert violation_of(cluster, actions) is None
    assert cluster.views[s2].commit_index == 2
    cluster.subject.close()


def test_kill_loses_what_python_holds_back() -> None:
    """The part of a snapshot that has arrived is in a buffer, and not yet in the file."""
    wire = started({**KILLING, **COMPACTING})
    wire.write(s1, *[f"v{number}" for number in range(12)], unreachable=(s3,))
    for packet in wire.subject.heartbeat_timeout(s1):
        if packet.destination == s3:
            for answer in wire.subject.receive(packet):
                wire.subject.receive(answer)
    chunks = [each for each in wire.subject.heartbeat_timeout(s1) if each.destination == s3]
    assert "snapshot start" in str(chunks[0].label)
    for chunk in chunks[:2]:
        wire.subject.receive(chunk)
    wire.subject.crash(s3)
    assert files_of(wire.subject.directory)["s3/dump.1.tmp"] == b""
    wire.subject.close()


def test_kill_is_not_survived_where_the_library_catches_everything() -> None:
    """A snapshot's loading is in a bare `except:`; a server killed there does not answer."""
    wire = started({**KILLING, **COMPACTING})
    wire.write(s1, *[f"v{number}" for number in range(12)], unreachable=(s3,))
    for packet in wire.subject.heartbeat_timeout(s1):
        if packet.destination == s3:
            for answer in wire.subject.receive(packet):
                wire.subject.receive(answer)
    chunks = [each for each in wire.subject.heartbeat_timeout(s1) if each.destination == s3]
    for chunk in chunks[:-1]:
        wire.subject.receive(chunk)
    crash = killed(wire.subject, chunks[-1], 3)  # the file, its name, the journal's end
    assert crash is not None
    assert crash.sent == ()
    wire.subject.restart(s3)
    assert wire.subject.view(s3).last_applied > 5
    wire.subject.close()


@pytest.mark.parametrize("number", [2, 5, 8, 11])
def test_run_with_kills_is_the_same_run_again(number: int) -> None:
    """The same views, and the same bytes on all disks: in these runs, someone is killed."""
    setup = Setup(
        factory=PYSYNCOBJ,
        servers=3,
        network="fifo",
        settings={**KILLING, **COMPACTED, **COMPACTING, "survive_errors": "true"},
        ignore=frozenset(BY_NAME),
    )
    cluster = setup.cluster()
    stories, killed_at = [], []
    for _ in range(2):
        records: list[StepRecord] = []
        cluster.recorder = records.append
        assert walk(cluster, 1, number)[0] is None
        views = [(record.before, record.after) for record in records]
        directory = cast(PySyncObjSubject, cluster.subject).directory
        stories.append((views, files_of(directory)))
        killed_at.append([step for step, record in enumerate(records) if record.crashed])
    assert stories[0] == stories[1]
    assert killed_at[0] == killed_at[1] != []
    cluster.subject.close()


def test_dead_process_stays_dead() -> None:
    """After the kill every further write and send is refused, however often it is tried."""
    process = Process(left=1)
    process.act()
    for _ in range(2):
        with pytest.raises(KilledError):
            process.act()
    assert process.is_dead


def test_offers_are_what_the_settings_ask_for() -> None:
    """By default nothing, so that schedules and seeds mean what they meant."""
    for settings, offers in (
        ({}, set[str]()),
        (KILLING, {"CrashInside"}),
        (COMPACTED, {"Compact"}),
        (CHANGING, {"ChangeMembership"}),
    ):
        subject = PYSYNCOBJ.create(1, settings)
        assert subject.offers == offers
        subject.close()


def test_compaction_comes_on_request() -> None:
    """The dump is written at once, and the journal gets shorter with the next tick."""
    wire = started(COMPACTED)
    wire.write(s1, "v1", "v2", "v3")
    wire.subject.perform(Compact(s2))
    assert (wire.subject.directory / "s2" / "dump").is_file()
    wire.sync(s1)
    assert wire.subject.view(s2).log.first_index == 4
    assert wire.subject.view(s1).log.first_index == 1
    wire.subject.close()


def members_of(subject: PySyncObjSubject) -> list[Membership | None]:
    """With whom each server counts."""
    return [subject.view(server).log.membership for server in SERVERS]


ALL = Membership(SERVERS)
TWO = Membership((s1, s2))


def test_change_of_members_is_in_force_with_its_entry(changing: Wire) -> None:
    """At the leader at once, at a follower with the message; who is removed does not hear of it."""
    wire = changing
    wire.sync(s1)
    wire.carry(wire.subject.perform(ChangeMembership(s1, (s1, s2))))
    assert members_of(wire.subject) == [TWO, ALL, ALL]
    wire.sync(s1)
    assert members_of(wire.subject) == [TWO, TWO, ALL]
    view = wire.subject.view(s1)
    assert view.log.entry_at(3).command == "remove member s3"
    assert view.commit_index == 3


def test_change_of_several_members_is_one_of_the_first(changing: Wire) -> None:
    """The library knows changes by one server only; asking again goes on."""
    wire = changing
    wire.sync(s1)
    wire.carry(wire.subject.perform(ChangeMembership(s1, (s1,))))
    assert wire.subject.view(s1).log.membership == Membership((s1, s3))
    wire.carry(wire.subject.perform(ChangeMembership(s1, (s1, s3))))
    assert wire.subject.view(s1).log.membership == Membership((s1, s3))


def test_dropped_server_is_not_connected(changing: Wire) -> None:
    """What was in flight never arrives, nothing more is sent, and it sees its connection break."""
    wire = changing
    wire.sync(s1)
    (late,) = [each for each in wire.subject.heartbeat_timeout(s1) if each.destination == s3]
    wire.subject.perform(ChangeMembership(s1, (s1, s2)))
    assert wire.subject.receive(late) == ()
    assert {each.destination for each in wire.subject.heartbeat_timeout(s1)} == {s2}
    requests = wire.subject.election_timeout(s3)
    assert {each.destination for each in requests} == {s2}


def test_server_that_comes_back_is_connected_and_catches_up(changing: Wire) -> None:
    """Each end knows the other again; a message of the old connection does not arrive on it."""
    wire = changing
    wire.sync(s1)
    (late,) = [each for each in wire.subject.heartbeat_timeout(s1) if each.destination == s3]
    wire.carry(wire.subject.perform(ChangeMembership(s1, (s1, s2))))
    wire.write(s1, "v1")
    wire.carry(wire.subject.perform(ChangeMembership(s1, SERVERS)))
    assert wire.subject.receive(late) == ()
    for _ in range(3):
        wire.sync(s1)
    assert {wire.subject.view(server).log for server in SERVERS} == {wire.subject.view(s1).log}
    assert members_of(wire.subject) == [ALL] * 3


def test_server_that_starts_is_connected_when_the_network_says_so() -> None:
    """Also if its dump has named members before that."""
    library = library_of(None)
    links = Links(library.nodes)
    transports = [library.transport(each, {s2 if each == s1 else s1}, print) for each in (s1, s2)]
    for server, transport in zip((s1, s2), transports, strict=True):
        links.start(server, transport)
    links.report(s1, s2, is_up=True)
    assert transports[0].connected == {s2}
    links.stop(s1)
    again = library.transport(s1, set(), print)
    links.start(s1, again)
    again.addNode(library.nodes[s2])
    assert again.connected == set()
    links.report(s1, s2, is_up=True)
    assert again.connected == {s2}


def test_commit_shows_with_whom_the_leader_counted(changing: Wire) -> None:
    """Started again, s1 counts with all, until it applies the removal that this commits."""
    wire = changing
    wire.sync(s1)
    wire.subject.perform(ChangeMembership(s1, (s1, s2)))
    restart(wire.subject, s1)
    assert wire.subject.view(s1).log.membership == ALL
    packets = list(wire.subject.election_timeout(s1))
    seen = []
    while wire.subject.view(s1).commit_index < 4:
        if not packets:
            packets += wire.subject.heartbeat_timeout(s1)
        packets += wire.subject.receive(packets.pop(0))
        view = wire.subject.view(s1)
        seen.append((view.commit_index, view.log.membership))
    assert wire.subject.view(s1).role is Role.LEADER
    assert seen[-1] == (4, ALL)
    wire.subject.heartbeat_timeout(s1)
    assert wire.subject.view(s1).log.membership == TWO


def test_next_and_match_indexes_are_not_shown_of_members_that_come_and_go() -> None:
    """The library forgets them with the member, which is no fault."""
    assert PYSYNCOBJ.observes_with({}) == PYSYNCOBJ.observes
    assert PYSYNCOBJ.observes_with(CHANGING) == PYSYNCOBJ.observes - {REPLICATION}


def test_power_failure_takes_what_the_journal_got_since_the_start() -> None:
    """The newest meta file is there, and counts as committed what is not; a kill takes nothing."""
    for settings, last_index in (({}, 3), (FAILING, 1)):
        wire = started(settings)
        wire.write(s1, "v1")
        for _ in range(3):
            wire.sync(s1)
        assert wire.subject.view(s2).commit_index == 3
        wire.subject.election_timeout(s2)  # by when the meta file is written
        restart(wire.subject, s2)
        view = wire.subject.view(s2)
        wire.subject.close()
        assert (view.log.last_index, view.commit_index) == (last_index, 3)


def test_power_failure_leaves_what_a_compaction_stored() -> None:
    """What a compaction leaves in the journal counts as written back; what came later is gone."""
    wire = started({**FAILING, **COMPACTED})
    wire.write(s1, "v1", "v2", "v3")
    wire.subject.perform(Compact(s2))
    wire.sync(s1)
    kept = wire.subject.view(s2).log
    wire.write(s1, "v4")
    wire.sync(s1)
    assert wire.subject.view(s2).log.last_index == kept.last_index + 1
    restart(wire.subject, s2)
    assert wire.subject.view(s2).log.last_index == kept.last_index
    wire.subject.close()
