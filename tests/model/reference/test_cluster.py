"""The reference as a subject: raft_core's servers behind the port."""

import pytest
from attrs import fields

from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.reference.describe import describe
from model.subject import Packet, Sent
from properties.view import CLIENTS, MACHINE, MEMBERSHIP, REFERENCE_OBSERVES, SNAPSHOT
from raft_core import (
    AppendEntriesResponse,
    Configuration,
    Conflict,
    Message,
    RequestVote,
    Role,
    s1,
    s2,
    s3,
)
from tests.raft_core.build import acknowledgement, append_entries, request_vote, vote


def elected(subject: ReferenceCluster) -> Sent:
    """Let s1 win an election with the vote of s2; what it then sends."""
    requests = subject.election_timeout(s1)
    (answer,) = subject.receive(requests[0])
    return subject.receive(answer)


def cluster(servers: int = 3) -> ReferenceCluster:
    """A fresh cluster."""
    return ReferenceFactory().create(servers, {})


def test_packet_carries_the_message() -> None:
    """Source and destination are the message's, and the message itself is the label."""
    (first, second) = cluster().election_timeout(s1)
    assert (first.source, first.destination, second.destination) == (s1, s2, s3)
    assert first.content == first.label == RequestVote(s1, s2, 1, 0, 0)


def test_view_is_the_state() -> None:
    """The reference hides nothing."""
    subject = cluster()
    elected(subject)
    assert subject.view(s1) is subject.states[s1]
    assert subject.view(s1).role is Role.LEADER


def test_answers_to_clients_are_no_packets() -> None:
    """Answers to clients do not go through the network of servers."""
    subject = cluster(1)
    subject.election_timeout(s1)
    assert subject.client_request(s1, "v1") == ()
    assert subject.view(s1).commit_index == 1
    assert cluster().client_request(s1, "v1") == ()


def test_restart_keeps_what_is_persistent() -> None:
    """Term, vote and log are kept, and the role is not."""
    subject = cluster()
    elected(subject)
    subject.client_request(s1, "v1")
    before = subject.view(s1)
    subject.crash(s1)
    assert subject.restart(s1) == ()
    after = subject.view(s1)
    assert (after.current_term, after.voted_for, after.log) == (1, s1, before.log)
    assert (after.role, after.commit_index) == (Role.FOLLOWER, 0)


def test_restart_twice_is_restart_once() -> None:
    """Nothing is lost by starting again from the same disk."""
    subject = cluster()
    elected(subject)
    subject.restart(s1)
    first = subject.view(s1)
    subject.restart(s1)
    assert subject.view(s1) == first


def test_reset_empties_all_disks() -> None:
    """A cluster that was used is as good as a new one."""
    subject = cluster()
    elected(subject)
    assert subject.reset() == ()
    assert subject.states == cluster().states


def test_connections_are_no_news() -> None:
    """Raft needs none."""
    subject = cluster()
    assert subject.disconnect(s1, s2) == subject.connect(s1, s2) == ()
    subject.close()
    assert subject.states == cluster().states


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (request_vote(2, (3, 1)), "RequestVote t2 last 3@1"),
        (vote(2), "RequestVoteResponse t2 granted"),
        (vote(2, granted=False), "RequestVoteResponse t2 refused"),
        (
            append_entries(2, (3, 1), (2, 2), commit=3),
            "AppendEntries t2 prev 3@1 entries 4@2 5@2 commit 3",
        ),
        (append_entries(2), "AppendEntries t2 prev 0@0 commit 0"),
        (acknowledgement(2, 5), "AppendEntriesResponse t2 match 5"),
        (AppendEntriesResponse(s1, s2, 3, False), "AppendEntriesResponse t3 refused"),
        (
            AppendEntriesResponse(s1, s2, 3, False, 0, Conflict(None, 4)),
            "AppendEntriesResponse t3 refused from 4",
        ),
    ],
)
def test_message_in_one_line(message: Message, line: str) -> None:
    """Messages are described in the words of Figure 2, entries as index@term."""
    assert describe(message) == line
    assert cluster().describe(Packet(s1, s2, message, message)) == line


def test_anything_else_is_told_as_it_prints() -> None:
    """A label that is no message of the reference is no error."""
    assert describe("hello") == "hello"


def test_factory_makes_what_it_says() -> None:
    """The reference shows all that a State of Figure 2 has, and stands any network."""
    factory = ReferenceFactory()
    assert (factory.name, factory.network) == ("reference", "any")
    assert factory.observes == factory.observes_with({}) == REFERENCE_OBSERVES
    assert factory.version({})


def test_every_field_of_the_configuration_is_a_setting() -> None:
    """All that raft_core can be set to has a setting; the model adds four of its own."""
    chosen = {each.name for each in fields(Configuration) if each.init} - {"servers"}
    names = [setting.name for setting in ReferenceFactory().settings]
    assert sorted(names) == sorted(
        {*chosen, "initial_voters", "disk_faults", "features", "meanings"}
    )
    assert names[0] == "max_entries"


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("pre_vote", {MACHINE}),
        ("snapshots", {MACHINE, SNAPSHOT}),
        ("state_machine", {MACHINE, CLIENTS}),
        ("joint_consensus", {MACHINE, MEMBERSHIP}),
        ("features", {MACHINE, SNAPSHOT, MEMBERSHIP, CLIENTS}),
    ],
)
def test_features_show_more(setting: str, shown: set[str]) -> None:
    """With a feature on, properties that need what it shows are checked."""
    observed = ReferenceFactory().observes_with({setting: "on"})
    assert observed == REFERENCE_OBSERVES | shown


def test_setting_reaches_the_servers() -> None:
    """`max_entries` bounds what one request carries; without it the default holds."""
    subject = ReferenceFactory().create(5, {"max_entries": "1"})
    assert subject.configuration == Configuration(servers=5, max_entries=1)
    default = ReferenceFactory().settings[0].default
    assert cluster().configuration.max_entries == int(default)


@pytest.mark.parametrize("found", ["0", "-1", "many", "", "1.5"])
def test_bad_setting_is_refused_by_name(found: str) -> None:
    """The error names the setting, what was found, and what was expected."""
    with pytest.raises(ValueError, match=f"max_entries: found '{found}', expected a whole number"):
        ReferenceFactory().create(3, {"max_entries": found})
