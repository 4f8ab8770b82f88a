"""Settle: after all faults, on a fair schedule, a cluster comes to itself; or that is a finding."""

from typing import Final

import pytest

from model.actions import (
    ChangeMembership,
    ClientRequest,
    Crash,
    CrashInside,
    Cut,
    Elect,
    ElectionTimeout,
    HeartbeatTimeout,
    Invoke,
    Partition,
    PassTime,
    Settle,
    Sync,
    TransferLeadership,
)
from model.drivers.walker import walk
from model.failures import PropertyViolatedError
from model.mutants import MUTANT_BY_NAME, Mutant
from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.runs.render import render
from model.runs.run import recording, run
from model.setup import Setup
from model.subject import NetworkKind, Packet, Sent, ServerCrashedError
from model.world.fair_schedule import CHANGE_PROGRESS, PROGRESS, PROGRESS_NAMES
from model.world.macro_actions import Cluster
from properties.checker import Checker
from properties.view import COMMIT, LOG, REFERENCE_OBSERVES, ROLE
from raft_core import Configuration, Role, Server, s1, s2, s3
from tests.model.fakes import apply_all, noted, reference_cluster

in_every_kind = pytest.mark.parametrize("kind", ["any", "fifo"])
FEATURES: tuple[dict[str, str], ...] = (
    {},
    {"features": "on"},
    {"max_entries": "1"},
    {"pre_vote": "on"},
    {"check_quorum": "on", "leader_stickiness": "on"},
    {"joint_consensus": "on", "snapshots": "on", "disk_faults": "on"},
    {"single_server_changes": "on", "leadership_transfer": "on", "leases": "on", "reads": "on"},
    {"features": "on", "initial_voters": "2"},
)


def is_settled(cluster: Cluster) -> bool:
    """Whether one running server leads, and all other members follow it with its log."""
    running = [each for each in cluster.members if cluster.running[each]]
    leader = max(
        (cluster.views[each] for each in running if cluster.views[each].role is Role.LEADER),
        key=lambda view: view.current_term,
    )
    membership = leader.log.membership
    members = (
        running if membership is None else [each for each in running if each in membership.servers]
    )
    ends = {
        (view.current_term, view.log.last_index, view.commit_index)
        for view in (cluster.views[each] for each in members)
    }
    return len(ends) == 1 and leader.commit_index == leader.log.last_index


def walked(cluster: Cluster, seed: int, runs: int) -> None:
    """Settle after so many random runs."""
    for number in range(runs):
        violation, _ = walk(cluster, seed, number)
        assert violation is None
        cluster.apply(Settle())
        assert all(cluster.running)
        assert is_settled(cluster)


@in_every_kind
@pytest.mark.parametrize("settings", FEATURES, ids=lambda each: "+".join(each) or "plain")
def test_reference_comes_to_itself_from_wherever_it_is(
    settings: dict[str, str], kind: NetworkKind
) -> None:
    """After any random run, whatever is cut, down, in flight or half done, with any features."""
    runs = 200 if settings in ({}, {"features": "on"}) else 60
    walked(reference_cluster(3, kind, settings), 21, runs)


@pytest.mark.parametrize("servers", [1, 2, 4, 5])
@pytest.mark.parametrize("settings", FEATURES[:2], ids=["plain", "features"])
def test_clusters_of_every_size_come_to_themselves(settings: dict[str, str], servers: int) -> None:
    """Even numbers too, and a server alone."""
    walked(reference_cluster(servers, "any", settings), 22, 40)


@in_every_kind
def test_faults_end(kind: NetworkKind) -> None:
    """Links heal, servers start, and what is late arrives."""
    cluster = reference_cluster(3, kind)
    apply_all(cluster, (Elect(s1), Cut(s1, s2), Partition((s3,)), Crash(s2), Settle()))
    assert cluster.running == [True] * 3
    assert not cluster.network.cut
    assert not cluster.network.split
    assert is_settled(cluster)


@in_every_kind
@pytest.mark.parametrize("settings", FEATURES[:2], ids=["plain", "features"])
def test_majority_comes_to_itself_without_the_others(
    kind: NetworkKind, settings: dict[str, str]
) -> None:
    """Absent servers stop, and stay so; the leader among them, if it has to be."""
    cluster = reference_cluster(5, kind, settings)
    apply_all(cluster, (Elect(s1), Sync(s1), Settle(absent=(s1, s2))))
    assert cluster.running == [False, False, True, True, True]
    assert is_settled(cluster)


@pytest.mark.parametrize(
    ("settings", "absent"),
    [({}, (s2, s3)), ({}, (s1, s2, s3)), ({"features": "on", "initial_voters": "2"}, (s2,))],
    ids=["majority", "all", "voter"],
)
def test_too_few_are_asked_for_nothing(
    settings: dict[str, str], absent: tuple[Server, ...]
) -> None:
    """A schedule that is shrunk to fewer servers may leave no majority, which blames nobody."""
    cluster = reference_cluster(3, "any", settings)
    apply_all(cluster, (Elect(s1), Settle(absent=absent)))
    assert cluster.running == [True] * 3


@pytest.mark.parametrize("after", range(5))
def test_fault_that_is_still_to_come_only_takes_a_round_more(after: int) -> None:
    """A server that was to crash inside its next step does so, and is started again."""
    cluster = reference_cluster(3, "any", {"disk_faults": "on"})
    faults = [CrashInside(server, after, 1) for server in cluster.members]
    apply_all(cluster, (Elect(s1), *faults, Settle()))
    assert cluster.running == [True] * 3
    assert is_settled(cluster)


# What is recorded


def test_micro_steps_are_recorded_where_it_succeeds() -> None:
    """They are what happened, and happen again one by one; Settle itself is none of them."""
    cluster = reference_cluster()
    with recording(cluster) as records:
        apply_all(cluster, (Elect(s1), Settle()))
    happened = [record.happening.action for record in records]
    assert ElectionTimeout(s1) in happened
    assert HeartbeatTimeout(s1) in happened
    assert not any(isinstance(action, Settle) for action in happened)
    views = list(cluster.views)
    cluster.reset()
    for record in records:
        cluster.replay(record.happening)
    assert cluster.views == views


def test_it_stands_alone_where_it_fails() -> None:
    """No step of it is to blame by itself, so the trace ends with the whole."""
    world = noted()
    with pytest.raises(PropertyViolatedError):
        judged(world.cluster).apply(Settle(rounds=2))
    assert [record.happening.action for record in world.records] == [Settle(rounds=2)]
    assert ("restart", s1) not in world.subject.calls
    assert ("election_timeout", s1) in world.subject.calls


def test_another_violation_on_the_way_keeps_the_steps_that_led_there() -> None:
    """A violation of safety inside is shown step by step."""
    world = noted()
    world.subject.raises["election_timeout"] = ValueError("broken")
    with pytest.raises(PropertyViolatedError) as violated:
        world.cluster.apply(Settle())
    assert violated.value.violation.property != PROGRESS
    assert ElectionTimeout(s1) in [record.happening.action for record in world.records]
    assert Settle() not in [record.happening.action for record in world.records]


def test_timers_run_out_from_the_first_server_on() -> None:
    """Who comes first is part of the action, since what one order frees another may not."""
    world = noted()
    world.cluster.apply(Settle(rounds=6, first=s3))
    stood = [call[1] for call in world.subject.calls if call[0] == "election_timeout"]
    assert stood == [s3, s3, s1, s1, s2, s2]


def test_heartbeats_go_on_while_time_goes_by() -> None:
    """A server whose term is newer gets its turn among followers that hear their leader."""
    cluster = reference_cluster(3, "any", {"leader_stickiness": "on"})
    apply_all(cluster, (Elect(s1), Partition((s3,)), ElectionTimeout(s3), Sync(s1)))
    with recording(cluster) as records:
        cluster._present = cluster.members
        cluster._give_turn(s3)
    between = [
        type(record.happening.action) for record in records if record.happening.action is not None
    ]
    assert between.count(PassTime) == between.count(HeartbeatTimeout) > 10
    assert between.index(HeartbeatTimeout) == 1


def test_client_and_change_are_asked_for_where_they_are_offered() -> None:
    """A session, a write and a read; and another voter more or less, once there was a change."""
    settings = {"state_machine": "on", "sessions": "on", "single_server_changes": "on"}
    cluster = reference_cluster(3, "any", settings)
    with recording(cluster) as records:
        apply_all(cluster, (Elect(s1), Sync(s1), Settle()))
    asked = [record.happening.action for record in records]
    commands = [each.command for each in asked if isinstance(each, Invoke)]
    assert commands == ["open", "set x settled1", "get x"]
    assert not any(isinstance(each, ChangeMembership) for each in asked)
    wanted = ClientRequest(s1, "v1"), Sync(s1), ChangeMembership(s1, (s1, s2)), Sync(s1)
    with recording(cluster) as records:
        apply_all(cluster, (*wanted, Settle()))
    asked = [record.happening.action for record in records]
    assert ChangeMembership(s1, cluster.members) in asked
    commands = [each.command for each in asked if isinstance(each, Invoke)]
    assert commands == ["set x settled3", "get x"]


def test_leader_is_asked_to_hand_over_where_that_is_offered() -> None:
    """Another voter has to take over at once, and to commit a request; no learner is asked."""
    settings = {"leadership_transfer": "on", "single_server_changes": "on"}
    learns = ClientRequest(s1, "v1"), Sync(s1), ChangeMembership(s1, (s1, s3), (s2,)), Sync(s1)
    asked: dict[str, list[object]] = {}
    for name, chosen in (("transfers", settings), ("none", {"single_server_changes": "on"})):
        cluster = reference_cluster(3, "any", chosen)
        apply_all(cluster, (Elect(s1), *learns))
        with recording(cluster) as records:
            cluster.apply(Settle())
        asked[name] = [record.happening.action for record in records]
    (only,) = [each for each in asked["transfers"] if isinstance(each, TransferLeadership)]
    assert only.server != only.target
    requests = [each for each in asked["transfers"] if isinstance(each, ClientRequest)]
    assert requests[-1].server == only.target
    assert not any(isinstance(each, TransferLeadership) for each in asked["none"])


def test_nobody_is_asked_to_hand_over_where_it_cannot_be_seen_who_votes() -> None:
    """What a subject with changes does not show may be a learner, who cannot take over."""
    settings = {"leadership_transfer": "on", "single_server_changes": "on"}
    cluster = reference_cluster(3, "any", settings)
    cluster.checker = Checker(3, REFERENCE_OBSERVES, ())
    with recording(cluster) as records:
        apply_all(cluster, (Elect(s1), Settle()))
    asked = [record.happening.action for record in records]
    assert not any(isinstance(each, TransferLeadership) for each in asked)


def test_leader_that_does_nothing_about_a_transfer_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a subject offers, its settings may forbid: then nothing comes of the request."""
    monkeypatch.setattr(ReferenceCluster, "perform", lambda *_: ())
    cluster = reference_cluster(3, "any", {"leadership_transfer": "on"})
    with recording(cluster) as records:
        apply_all(cluster, (Elect(s1), Settle()))
    asked = [record.happening.action for record in records]
    assert any(isinstance(each, TransferLeadership) for each in asked)
    assert cluster.views[s1].role is Role.LEADER


# What is a finding


def judged(cluster: Cluster) -> Cluster:
    """The cluster with a checker for which its views show all that Progress needs."""
    cluster.checker = Checker(len(cluster.members), REFERENCE_OBSERVES, ())
    return cluster


def test_violation_says_who_is_what() -> None:
    """One line names every server that was to take part, with its role, term, log and commit."""
    with pytest.raises(PropertyViolatedError) as violated:
        judged(noted().cluster).apply(Settle(rounds=3, absent=(s2,)))
    violation = violated.value.violation
    assert violation.property == PROGRESS
    assert violation.statement.startswith("Once faults have stopped, a leader is elected")
    assert "9.6" in violation.source
    assert violation.detail == (
        "on a fair schedule, the servers are still "
        "S1 follower of term 0 with log to 0 and commit 0, "
        "S3 follower of term 0 with log to 0 and commit 0."
    )


def test_trace_of_a_failure_ends_with_the_fair_schedule() -> None:
    """It reads as one step, marked."""
    world = noted()
    outcome = run(judged(world.cluster), (Settle(rounds=5),))
    text = render(world.subject, outcome, "")
    assert text.startswith("Progress violated at step 1: on a fair schedule, the servers are still")
    assert "  1  faults stop; 5 fair rounds" in text
    assert "<-- Progress" in text


SEEDS: Final = {"up-to-date-wants-both": 7, "last-term-zero-in-request": 3}
"""Seeds from which a mutant is found within a few hundred runs, where seed 5 takes longer."""
STUCK: Final = [
    each
    for each in MUTANT_BY_NAME.values()
    if each.listed_property in PROGRESS_NAMES and each.listed_property != CHANGE_PROGRESS
]


@pytest.mark.parametrize("mutant", STUCK, ids=lambda each: str(each.name))
def test_mutants_without_progress_are_found_by_it_alone(mutant: Mutant) -> None:
    """Each listed for it: some random run ends where no fair schedule helps."""
    setup = Setup(
        factory=ReferenceFactory(mutant.protocol()),
        servers=mutant.servers,
        network="any",
        settings=mutant.settings,
    )
    observes = ReferenceFactory().observes_with(mutant.settings)
    cluster = setup.cluster(Checker(mutant.servers, observes, ()))
    seed = SEEDS.get(mutant.name, 5)
    found = (walk(cluster, seed, number)[0] for number in range(3000))
    assert next(each.property for each in found if each is not None) == mutant.listed_property


@pytest.mark.parametrize("missing", [ROLE, LOG, COMMIT])
def test_progress_is_no_finding_where_it_cannot_be_seen(missing: str) -> None:
    """A subject that does not show roles, logs or commit indexes cannot be held to them."""
    world = noted()
    world.cluster.checker = Checker(3, REFERENCE_OBSERVES - {missing}, ())
    world.cluster.apply(Settle(rounds=3))
    assert ("election_timeout", s1) in world.subject.calls
    assert Settle(rounds=3) not in [record.happening.action for record in world.records]


def test_progress_is_no_finding_where_threads_had_to_wait() -> None:
    """What waits for a lock that a call holds needs time, which a fair schedule does not give."""
    world = noted()
    world.cluster.checker = Checker(3, REFERENCE_OBSERVES, ())
    world.subject.overlapping = True
    world.cluster.apply(Settle(rounds=3))
    world.subject.overlapping = False
    with pytest.raises(PropertyViolatedError):
        world.cluster.apply(Settle(rounds=3))


def test_each_server_has_two_turns_in_a_row() -> None:
    """In its first election, others may only free votes that they gave in an older term."""
    world = noted()
    world.cluster.apply(Settle(rounds=5))
    stood = [call[1] for call in world.subject.calls if call[0] == "election_timeout"]
    assert stood == [s1, s1, s2, s2, s3]


class RarelyTelling(ReferenceCluster):
    """A cluster whose leaders do nothing in two of three heartbeat intervals."""

    beats = 0

    def heartbeat_timeout(self, server: Server) -> Sent:
        """Every third time as ever."""
        self.beats += 1
        return super().heartbeat_timeout(server) if self.beats % 3 == 0 else ()


def test_later_rounds_give_more_time() -> None:
    """A leader that sends more rarely than it is asked for commands comes to its end, too."""
    subject = RarelyTelling(Configuration(servers=3))
    cluster = Cluster(subject, 3, "any", Checker(3, REFERENCE_OBSERVES))
    cluster.reset()
    cluster.apply(Settle())
    assert is_settled(cluster)


class CrashingLeader(ReferenceCluster):
    """A cluster whose leader crashes whenever it hears that everyone has committed everything."""

    def receive(self, packet: Packet) -> Sent:
        """As ever, but for that."""
        before = self.states[packet.destination]
        sent = super().receive(packet)
        done = {(each.log.last_index, each.commit_index) for each in self.states}
        index = before.commit_index
        if before.role is Role.LEADER and index > 0 and done == {(index, index)}:
            self._down.add(packet.destination)
            raise ServerCrashedError(sent)
        return sent


def test_leader_that_is_down_leads_nobody() -> None:
    """What was seen of it before is not what it is: nothing has settled."""
    subject = CrashingLeader(Configuration(servers=3))
    cluster = Cluster(subject, 3, "any", Checker(3, REFERENCE_OBSERVES))
    cluster.reset()
    with pytest.raises(PropertyViolatedError) as violated:
        cluster.apply(Settle(rounds=3))
    assert violated.value.violation.property == PROGRESS
    assert " leader (down) of term " in violated.value.violation.detail
