"""PySyncObj as a subject: real library, real files, our clock, and the same run every time."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from model.subject import Packet, Sent, SubjectError
from oracle.subjects.pysyncobj import install as pysyncobj_install
from oracle.subjects.pysyncobj.library import library_of
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ, PySyncObjSubject
from raft_core import Entry, Role, Server, s1, s2, s3
from tests.require import needs, unmet

pytestmark = needs("pysyncobj")

ROOT = Path(__file__).resolve().parents[3]
SERVERS = (s1, s2, s3)
COMPACTING = {"compaction_entries": "6", "snapshot_chunk_bytes": "64"}
WORKING_VERSIONS = [f"0.3.{patch}" for patch in range(5, 18)]


class Wire:
    """A network in which everything arrives, in order, at once or when asked."""

    def __init__(self, subject: PySyncObjSubject) -> None:
        self.subject = subject
        self.packets: list[Packet] = []
        self.labels: list[str] = []

    def carry(self, sent: Sent, unreachable: tuple[Server, ...] = ()) -> None:
        """Deliver what was sent and all that it provokes, but nothing from or to these servers."""
        self.packets += sent
        while self.packets:
            packet = self.packets.pop(0)
            self.labels.append(str(packet.label))
            if packet.source not in unreachable and packet.destination not in unreachable:
                self.packets += self.subject.receive(packet)

    def sync(self, leader: Server, unreachable: tuple[Server, ...] = ()) -> None:
        """Two rounds of heartbeats: entries, then the commit index that came of them."""
        for _ in range(2):
            self.carry(self.subject.heartbeat_timeout(leader), unreachable)

    def write(self, leader: Server, *commands: str, unreachable: tuple[Server, ...] = ()) -> None:
        """Have the leader replicate commands, one by one."""
        for command in commands:
            self.carry(self.subject.client_request(leader, command), unreachable)
            self.sync(leader, unreachable)


def started(settings: Mapping[str, str]) -> Wire:
    """A cluster of three in which s1 leads."""
    subject = PYSYNCOBJ.create(3, settings)
    subject.reset()
    wire = Wire(subject)
    wire.carry(subject.election_timeout(s1))
    return wire


def restart(subject: PySyncObjSubject, server: Server) -> None:
    """Crash a server and start it again, as the model does on a fifo network."""
    peers = [peer for peer in SERVERS if peer != server]
    subject.crash(server)
    for peer in peers:
        subject.disconnect(peer, server)
    subject.restart(server)
    for peer in peers:
        subject.connect(server, peer)
        subject.connect(peer, server)


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A cluster with the default settings in which s1 leads."""
    cluster = started({})
    yield cluster
    cluster.subject.close()


@pytest.fixture
def compacting() -> Iterator[Wire]:
    """The same, with logs of a few entries and snapshots in small pieces."""
    cluster = started(COMPACTING)
    yield cluster
    cluster.subject.close()


def test_a_cluster_elects_and_replicates(wire: Wire) -> None:
    """Votes make a leader, and a command gets into all logs and all machines."""
    wire.write(s1, "v1")
    views = [wire.subject.view(server) for server in SERVERS]
    assert [view.role for view in views] == [Role.LEADER, Role.FOLLOWER, Role.FOLLOWER]
    assert {view.voted_for for view in views} == {s1}
    assert {view.log for view in views} == {views[0].log}
    assert tuple(views[0].log.entries) == (Entry(0, "noop"), Entry(1, "noop"), Entry(1, "v1"))
    assert [(view.commit_index, view.last_applied) for view in views] == [(3, 3)] * 3
    assert len({view.applied_digest for view in views}) == 1
    assert (views[0].next_index, views[0].match_index) == ((4, 4, 4), (3, 3, 3))


def test_a_follower_forwards_commands(wire: Wire) -> None:
    """What a client asks of a follower travels to the leader, and the answer comes back."""
    wire.carry(wire.subject.client_request(s2, "v1"))
    assert any(label.startswith("apply_command v1 request 1") for label in wire.labels)
    assert "apply_command_response request 1 at 3@1" in wire.labels


def test_a_restart_reads_the_journal(wire: Wire) -> None:
    """Term, vote and log survive a crash; commit and applied begin again."""
    wire.write(s1, "v1")
    before = wire.subject.view(s2)
    restart(wire.subject, s2)
    after = wire.subject.view(s2)
    assert (after.current_term, after.voted_for, after.log) == (
        before.current_term,
        before.voted_for,
        before.log,
    )
    assert after.last_applied == 1
    wire.sync(s1)
    assert wire.subject.view(s2).applied_digest == before.applied_digest


def test_without_a_journal_a_restart_forgets() -> None:
    """The library's own default: what is only in memory is gone."""
    wire = started({"journal": "false", "dump": "false"})
    wire.write(s1, "v1")
    restart(wire.subject, s2)
    assert wire.subject.view(s2).log.last_index == 1
    wire.subject.close()


def test_a_snapshot_reaches_a_server_that_was_away(compacting: Wire) -> None:
    """A follower that is behind the leader's first entry gets the machine in pieces."""
    wire = compacting
    wire.write(s1, *[f"v{number}" for number in range(12)], unreachable=(s3,))
    assert wire.subject.view(s1).log.snapshot_index > 5
    assert wire.subject.view(s1).log.snapshot_term is None
    for _ in range(4):
        wire.sync(s1)
    assert any("snapshot process of 64 bytes" in label for label in wire.labels)
    views = [wire.subject.view(server) for server in SERVERS]
    assert {view.last_applied for view in views} == {14}
    assert len({view.applied_digest for view in views}) == 1


def test_a_restart_reads_the_dump(compacting: Wire) -> None:
    """After compaction the machine comes from the dump file, and the rest from the journal."""
    wire = compacting
    wire.write(s1, *[f"v{number}" for number in range(12)])
    restart(wire.subject, s2)
    assert wire.subject.view(s2).last_applied > 5
    wire.sync(s1)
    assert wire.subject.view(s2).applied_digest == wire.subject.view(s1).applied_digest


def scramble(subject: PySyncObjSubject, seed: int, steps: int = 150) -> Iterator[str]:
    """A random run from a fresh start, told line by line; views are checked on the way."""
    below = random.Random(seed).randrange
    channels: dict[tuple[Server, Server], list[Packet]] = {}
    subject.reset()
    for number in range(steps):
        server, choice = SERVERS[below(3)], below(10)
        busy = sorted(link for link, packets in channels.items() if packets)
        if choice < 6 and busy:
            packet = channels[busy[below(len(busy))]].pop(0)
            server, sent = packet.destination, subject.receive(packet)
        elif choice < 7:
            sent = subject.client_request(server, f"v{number}")
        elif choice < 8:
            sent = subject.election_timeout(server)
        elif below(5):
            sent = subject.heartbeat_timeout(server)
        else:
            restart(subject, server)
            channels = {link: [] for link in channels if server in link}
            sent = ()
        for packet in sent:
            channels.setdefault((packet.source, packet.destination), []).append(packet)
        view = subject.view(server)
        journal = subject._running[server]._SyncObj__raftLog.mirror
        assert view.log == journal.rebuilt()
        assert subject.view(server) is view
        yield f"{[packet.label for packet in sent]} {view}"


@pytest.mark.parametrize("seed", range(8))
def test_the_log_of_a_view_is_that_of_the_journal(seed: int) -> None:
    """What a view keeps up to date equals what the journal says when read anew."""
    subject = PYSYNCOBJ.create(3, {**COMPACTING, "batch_bytes": "24", "survive_errors": "true"})
    assert len(list(scramble(subject, seed))) == 150
    subject.close()


def test_a_run_after_a_reset_is_the_same_run() -> None:
    """A reset forgets everything: clocks, files and machines."""
    subject = PYSYNCOBJ.create(3, {**COMPACTING, "survive_errors": "true"})
    assert list(scramble(subject, 5)) == list(scramble(subject, 5))
    subject.close()


def test_two_clusters_do_not_disturb_each_other() -> None:
    """Clusters in one process take turns and do the same as alone."""
    first, second = (PYSYNCOBJ.create(3, COMPACTING) for _ in range(2))
    pairs = list(zip(scramble(first, 3, 60), scramble(second, 3, 60), strict=True))
    assert [one for one, _ in pairs] == [other for _, other in pairs]
    first.close()
    second.close()


TELL = """
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ
from tests.oracle.subjects.test_pysyncobj import COMPACTING, scramble
subject = PYSYNCOBJ.create(3, {**COMPACTING, "batch_bytes": "24", "survive_errors": "true"})
for seed in range(3):
    print(*scramble(subject, seed), sep="\\n")
subject.close()
"""


def test_a_run_does_not_depend_on_the_hash_seed() -> None:
    """The same calls give the same views and labels in any process, under any PYTHONHASHSEED."""
    stories = set()
    for hash_seed in ("0", "1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        told = subprocess.run(
            [sys.executable, "-c", TELL],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        stories.add(told.stdout)
    assert len(stories) == 1
    assert stories.pop().count("\n") == 450


def test_closing_removes_the_files() -> None:
    """Nothing is left in the temporary directory after close."""
    subject = PYSYNCOBJ.create(2, {})
    subject.reset()
    directory = subject.directory
    assert sorted(path.name for path in directory.iterdir()) == ["s1", "s2"]
    subject.close()
    assert not directory.exists()


def test_what_the_library_logs_as_an_error_is_raised(wire: Wire) -> None:
    """An exception that the library swallows into its log comes out, without any path."""
    wire.write(s1, "v1")
    wire.subject.crash(s2)
    (wire.subject.directory / "s2" / "dump").write_bytes(b"garbage")
    with pytest.raises(SubjectError) as raised:
        wire.subject.restart(s2)
    assert str(raised.value) == "pysyncobj logged: failed to load full dump (BadGzipFile)"


def test_the_label_tells_equal_messages_from_different_ones() -> None:
    """Equal content gives equal labels; another command gives another label, same words."""
    wires = [started({}) for _ in range(3)]
    labels = []
    for wire, command in zip(wires, ("v1", "v1", "v2"), strict=True):
        wire.subject.client_request(s1, command)
        packet = wire.subject.heartbeat_timeout(s1)[0]
        labels.append(packet.label)
        assert wire.subject.describe(packet) == ("append_entries t1 prev 2@1 entries 3@1 commit 2")
        wire.subject.close()
    assert labels[0] == labels[1] != labels[2]


def test_the_library_stays_apart_from_the_users_own() -> None:
    """Our copy is not in sys.modules, and a user's copy keeps its clock."""
    library_of(None)
    import pysyncobj.syncobj as users_own

    assert library_of(None).clock.read != users_own.monotonicTime
    assert not isinstance(library_of(None).nodes[0], users_own.Node)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        (
            "batch_bytes",
            "x",
            "setting batch_bytes: found 'x', expected a whole number of at least 1",
        ),
        (
            "compaction_entries",
            "1",
            "setting compaction_entries: found '1', expected a whole number of at least 2",
        ),
        (
            "send_milliseconds",
            "9" * 400,
            f"setting send_milliseconds: found '{'9' * 400}', expected a whole number of at most "
            "18 digits",
        ),
        ("journal", "yes", "setting journal: found 'yes', expected true or false"),
        ("version", "new", "setting version: found 'new', expected a version such as 0.3.17"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(name: str, value: str, complaint: str) -> None:
    """The message says what was found and what was expected."""
    with pytest.raises(ValueError, match=r"^setting") as raised:
        PYSYNCOBJ.create(3, {name: value})
    assert str(raised.value) == complaint


def test_an_unknown_setting_is_refused() -> None:
    """The message names the settings that there are."""
    with pytest.raises(ValueError, match=r"setting: found 'batch'.*, expected one of batch_bytes,"):
        PYSYNCOBJ.create(3, {"batch": "1"})


def test_a_missing_library_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without the library learns how to install it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"^pysyncobj is not installed; pip install pysyncobj, or"):
        PYSYNCOBJ.version({})


def test_a_failing_pip_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Offline, or for a version that does not exist, pip's last word is handed on."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ValueError, match=r"^setting version: pip cannot install") as raised:
        PYSYNCOBJ.version({"version": "0.0.99"})
    assert "No matching distribution found for pysyncobj==0.0.99" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert list((tmp_path / "raft-oracle").iterdir()) == []


def with_version(version: str) -> dict[str, str]:
    """Settings that choose a version; skips where it cannot be installed."""
    try:
        pysyncobj_install.directory_of(version)
    except ValueError as error:
        if "pip cannot install" in str(error):
            unmet("pypi", str(error))
        raise
    return {"version": version}


@pytest.mark.parametrize("version", WORKING_VERSIONS)
def test_versions_since_the_first_transport_work(version: str) -> None:
    """Each of them elects, replicates and restarts, in the same process as the others."""
    settings = with_version(version)
    assert PYSYNCOBJ.version(settings) == version
    wire = started(settings)
    wire.write(s1, "v1", "v2")
    restart(wire.subject, s3)
    wire.sync(s1)
    views = [wire.subject.view(server) for server in SERVERS]
    assert {view.log for view in views} == {views[0].log}
    assert len({view.applied_digest for view in views}) == 1
    wire.subject.close()


def test_older_versions_are_refused() -> None:
    """Before 0.3.5 there is no Transport class to put another in the place of."""
    complaint = r"^pysyncobj 0\.3\.4: found no Transport class, expected 0\.3\.5 or newer$"
    with pytest.raises(ValueError, match=complaint):
        with_version("0.3.4")
