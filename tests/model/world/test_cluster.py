"""The cluster: the calls that each micro action makes, and what comes of a subject that fails."""

import pytest
from attrs import evolve

from model import actions
from model.actions import Action, Crash, Cut, Deliver, Drop, Duplicate, Heal, Partition, Restart
from model.failures import SUBJECT_FAILED, PropertyViolatedError
from model.subject import NetworkKind, ServerCrashedError, SubjectError
from properties.facts import BLANK, EntriesAppended
from raft_core import Entry, Log, s1, s2, s3
from tests.model.fakes import Call, noted, packet

in_every_kind = pytest.mark.parametrize("kind", ["any", "fifo"])


@pytest.mark.parametrize(
    ("action", "call"),
    [
        (actions.ElectionTimeout(s2), ("election_timeout", s2)),
        (actions.HeartbeatTimeout(s3), ("heartbeat_timeout", s3)),
        (actions.ClientRequest(s1, "v1"), ("client_request", s1, "v1")),
    ],
)
def test_server_is_told_what_happens_to_it(action: Action, call: Call) -> None:
    """The subject is called once, what it sends is in flight, and the step is recorded."""
    world = noted(sends={call: (packet(s2, s1, "sent"),)})
    assert world.apply(action) == [call]
    assert world.in_flight() == ["sent"]
    assert [record.happening.action for record in world.records] == [action]


@pytest.mark.parametrize(("age", "label"), [(0, "old"), (1, "new"), (-1, "new"), (2, "old")])
def test_any_message_may_arrive(age: int, label: str) -> None:
    """Age 0 is the oldest, -1 the newest, and higher ages begin again."""
    world = noted()
    world.put(packet(s1, s2, "old"), packet(s1, s2, "new"))
    assert world.apply(Deliver(s1, s2, age)) == [("receive", s2, label)]
    assert len(world.in_flight()) == 1


def test_oldest_message_arrives_on_a_connection() -> None:
    """On a fifo network every age is 0."""
    world = noted("fifo")
    world.put(packet(s1, s2, "old"), packet(s1, s2, "new"))
    assert world.apply(Deliver(s1, s2, 1)) == [("receive", s2, "old")]


def test_record_says_which_message_arrived_and_from_where() -> None:
    """Whatever link was named, the record names the one that the message came on."""
    world = noted()
    world.put(packet(s3, s1, "first"), packet(s3, s1, "second"))
    world.apply(Deliver(s1, s2, -1))
    (record,) = world.records
    assert record.happening.action == Deliver(s3, s1, 1)
    assert record.happening.packet == packet(s3, s1, "second")
    assert record.server == s1


def test_duplicate_arrives_and_stays() -> None:
    """A copy stays in flight, with its place."""
    world = noted()
    world.put(packet(s1, s2, "old"), packet(s1, s2, "new"))
    assert world.apply(Duplicate(s1, s2, 1)) == [("receive", s2, "new")]
    assert world.in_flight() == ["old", "new"]


def test_dropped_message_is_gone() -> None:
    """Nobody hears of it."""
    world = noted()
    world.put(packet(s1, s2, "old"), packet(s1, s2, "new"))
    assert world.apply(Drop(s1, s2, 1)) == []
    assert world.in_flight() == ["old"]


@pytest.mark.parametrize("action", [Duplicate(s1, s2), Drop(s1, s2)])
def test_connection_neither_repeats_nor_loses(action: Action) -> None:
    """On a fifo network these do nothing."""
    world = noted("fifo")
    world.put(packet(s1, s2))
    assert world.apply(action) == []
    assert world.in_flight() == ["x"]
    assert world.records == []


@in_every_kind
@pytest.mark.parametrize("action", [Deliver(s1, s2), Duplicate(s1, s2), Drop(s1, s2)])
def test_nothing_in_flight_is_nothing_to_do(kind: NetworkKind, action: Action) -> None:
    """An action that makes no sense does nothing, and takes no step."""
    world = noted(kind)
    assert world.apply(action) == []
    assert world.cluster.micro_steps == 0


@in_every_kind
def test_crashed_server_does_nothing(kind: NetworkKind) -> None:
    """Its timers stand still, clients do not reach it, and it does not crash again."""
    world = noted(kind)
    world.apply(Crash(s1))
    request = actions.ClientRequest(s1, "v1")
    quiet = (actions.ElectionTimeout(s1), actions.HeartbeatTimeout(s1), request, Crash(s1))
    assert world.apply(*quiet) == []


def test_message_to_a_crashed_server_is_lost() -> None:
    """It arrives at nobody; the record shows no server."""
    world = noted()
    world.apply(Crash(s2))
    world.put(packet(s1, s2))
    assert world.apply(Deliver(s1, s2)) == []
    assert world.in_flight() == []
    assert world.records[-1].server is None


def test_messages_of_a_crashed_server_still_arrive() -> None:
    """What was sent before the crash is in flight, where no connection breaks."""
    world = noted()
    world.put(packet(s1, s2))
    world.apply(Crash(s1))
    assert world.apply(Deliver(s1, s2)) == [("receive", s2, "x")]


def test_restart_of_a_crashed_server() -> None:
    """The server starts from its disk, and may send at once."""
    world = noted(sends={("restart", s1): (packet(s1, s2, "hello"),)})
    world.apply(Crash(s1))
    assert world.apply(Restart(s1)) == [("restart", s1)]
    assert world.in_flight() == ["hello"]
    assert world.apply(actions.ElectionTimeout(s1)) == [("election_timeout", s1)]


def test_restart_of_a_running_server_crashes_it_first() -> None:
    """The two are one action."""
    world = noted()
    assert world.apply(Restart(s1)) == [("crash", s1), ("restart", s1)]
    assert [record.happening.action for record in world.records] == [Restart(s1)]


def test_crash_breaks_connections() -> None:
    """On a fifo network the others notice, and what was in flight is lost."""
    world = noted("fifo")
    world.put(packet(s1, s2), packet(s2, s1), packet(s2, s3, "other"))
    assert world.apply(Crash(s1)) == [
        ("crash", s1),
        ("disconnect", s2, s1),
        ("disconnect", s3, s1),
    ]
    assert world.in_flight() == ["other"]


def test_restart_makes_connections_with_running_servers() -> None:
    """Both ends hear of a new connection; a server that is down hears nothing."""
    world = noted("fifo")
    world.apply(Crash(s3), Crash(s1))
    assert world.apply(Restart(s1)) == [("restart", s1), ("connect", s1, s2), ("connect", s2, s1)]


def test_restart_makes_no_connection_through_a_partition() -> None:
    """The partition lasts until Heal."""
    world = noted("fifo")
    world.apply(Partition((s1,)))
    assert world.apply(Restart(s1)) == [("crash", s1), ("restart", s1)]


def test_cut_loses_one_way_where_order_is_not_kept() -> None:
    """The other way works; what was in flight waits, and what is sent is lost."""
    world = noted()
    world.put(packet(s1, s2, "before"))
    world.apply(Cut(s1, s2))
    world.put(packet(s1, s2, "meanwhile"), packet(s2, s1, "back"))
    assert world.apply(Deliver(s1, s2), Deliver(s1, s2)) == [("receive", s1, "back")]
    assert world.apply(Heal(), Deliver(s1, s2)) == [("receive", s2, "before")]
    assert world.in_flight() == []


def test_cut_stalls_a_connection_one_way() -> None:
    """On a fifo network nothing is lost; the server is not called."""
    world = noted("fifo")
    world.apply(Cut(s1, s2))
    world.put(packet(s1, s2), packet(s2, s1, "back"))
    assert world.apply(Deliver(s1, s2), Deliver(s1, s2)) == [("receive", s1, "back")]
    assert world.apply(Heal(), Deliver(s1, s2)) == [("receive", s2, "x")]


@in_every_kind
def test_cut_of_a_server_from_itself_is_nothing(kind: NetworkKind) -> None:
    """There is no such link."""
    world = noted(kind)
    world.apply(Cut(s1, s1))
    assert world.records == []


def test_partition_loses_messages_both_ways() -> None:
    """Within a side everything passes."""
    world = noted(servers=4)
    world.apply(Partition((s1, s2)))
    world.put(packet(s1, s3), packet(s3, s1), packet(s1, s2, "side"), packet(s2, s1, "side"))
    assert world.in_flight() == ["side", "side"]
    world.apply(Heal())
    world.put(packet(s1, s3, "healed"))
    assert "healed" in world.in_flight()


def test_partition_breaks_connections_and_heal_makes_them_again() -> None:
    """On a fifo network both ends learn of both."""
    world = noted("fifo")
    world.put(packet(s1, s2), packet(s2, s3, "other"))
    assert world.apply(Partition((s1,))) == [
        ("disconnect", s1, s2),
        ("disconnect", s2, s1),
        ("disconnect", s1, s3),
        ("disconnect", s3, s1),
    ]
    assert world.in_flight() == ["other"]
    assert world.apply(Partition((s1,))) == []
    assert world.apply(Heal()) == [
        ("connect", s1, s2),
        ("connect", s2, s1),
        ("connect", s1, s3),
        ("connect", s3, s1),
    ]
    assert world.apply(Heal()) == []


def test_heal_makes_no_connection_with_a_server_that_is_down() -> None:
    """It is connected when it starts."""
    world = noted("fifo")
    world.apply(Partition((s1,)), Crash(s2))
    assert world.apply(Heal()) == [("connect", s1, s3), ("connect", s3, s1)]
    assert world.apply(Restart(s2)) == [
        ("restart", s2),
        ("connect", s2, s1),
        ("connect", s1, s2),
        ("connect", s2, s3),
        ("connect", s3, s2),
    ]


def test_news_of_a_connection_may_be_answered() -> None:
    """What a server sends when a connection is back is in flight."""
    hello = packet(s1, s2, "hello")
    world = noted("fifo", sends={("connect", s1, s2): (hello,)})
    world.apply(Partition((s1,)), Heal())
    assert world.in_flight() == ["hello"]


@in_every_kind
def test_reset_is_a_new_run(kind: NetworkKind) -> None:
    """All servers are up, and nothing is in flight or cut."""
    world = noted(kind)
    world.apply(Crash(s1), Partition((s2,)))
    world.cluster.reset()
    world.put(packet(s2, s3))
    assert world.apply(actions.ElectionTimeout(s1)) == [("election_timeout", s1)]
    assert world.in_flight() == ["x"]


FAILING: list[tuple[str, Action]] = [
    ("election_timeout", actions.ElectionTimeout(s1)),
    ("heartbeat_timeout", actions.HeartbeatTimeout(s1)),
    ("client_request", actions.ClientRequest(s1, "v1")),
    ("receive", Deliver(s1, s2)),
    ("receive", Duplicate(s1, s2)),
    ("restart", Restart(s1)),
]


@pytest.mark.parametrize(("call", "action"), FAILING)
@pytest.mark.parametrize("error", [ValueError("a\nb"), SystemExit(3), SubjectError("died")])
def test_whatever_a_subject_raises_is_a_violation(
    call: str, action: Action, error: BaseException
) -> None:
    """The failing action is recorded, and told with the first line of what was raised."""
    world = noted()
    world.put(packet(s1, s2))
    world.subject.raises[call] = error
    with pytest.raises(PropertyViolatedError) as caught:
        world.apply(action)
    assert caught.value.violation.property == SUBJECT_FAILED
    first_line = str(error).splitlines()[0]
    assert caught.value.violation.detail == f"{type(error).__name__}: {first_line}"
    found = caught.value.violation
    assert (found.cause, found.call, found.error) == ("raised", call, type(error).__name__)
    assert caught.value.__cause__ is error
    assert [record.happening.action for record in world.records] == [action]


def test_a_subject_may_say_itself_how_it_failed() -> None:
    """The cause and the call that an error of the subject's own names are those of the failure."""
    world = noted()
    world.subject.raises["receive"] = SubjectError("no reply", "append_entries", "hung")
    world.put(packet(s1, s2))
    with pytest.raises(PropertyViolatedError) as caught:
        world.apply(Deliver(s1, s2))
    found = caught.value.violation
    assert (found.cause, found.call, found.error) == ("hung", "append_entries", "SubjectError")


def test_who_follows_a_run_hears_of_an_action_before_it_happens() -> None:
    """A new run is None; an action that fails was heard of, too."""
    world = noted()
    heard: list[tuple[Action | None, int]] = []
    world.cluster.on_action = lambda action: heard.append((action, world.cluster.micro_steps))
    world.cluster.reset()
    before = world.cluster.micro_steps
    world.apply(actions.HeartbeatTimeout(s1))
    world.subject.raises["crash"] = ValueError("broken")
    with pytest.raises(PropertyViolatedError):
        world.apply(Crash(s1))
    assert heard == [
        (None, before),
        (actions.HeartbeatTimeout(s1), before),
        (Crash(s1), before + 1),
    ]


def test_error_without_words_is_told_by_its_type() -> None:
    """An empty message is said to be none."""
    world = noted()
    world.subject.raises["election_timeout"] = ValueError()
    with pytest.raises(PropertyViolatedError, match="ValueError: no message"):
        world.apply(actions.ElectionTimeout(s1))


@pytest.mark.parametrize("call", ["crash", "reset", "disconnect"])
def test_subject_may_fail_at_any_call(call: str) -> None:
    """Stopping, starting anew and news of connections are calls like any other."""
    world = noted("fifo")
    world.subject.raises[call] = ValueError("broken")
    with pytest.raises(PropertyViolatedError, match="broken"):
        world.cluster.reset() if call == "reset" else world.apply(Crash(s1))


@pytest.mark.parametrize(("call", "action"), FAILING)
@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit])
def test_who_interrupts_the_hunt_is_obeyed(
    call: str, action: Action, error: type[BaseException]
) -> None:
    """These are not the subject's doing."""
    world = noted()
    world.put(packet(s1, s2))
    world.subject.raises[call] = error()
    with pytest.raises(error):
        world.apply(action)


def test_a_crash_inside_a_step_may_show_what_the_disk_holds() -> None:
    """Of the view that comes with it only the log is judged: the other fields begin again."""
    world = noted()
    view = evolve(BLANK, current_term=1, commit_index=1, log=Log.of((Entry(1, "x"),)))
    world.subject.raises["heartbeat_timeout"] = ServerCrashedError((packet(s1, s2, "ack"),), view)
    world.apply(actions.HeartbeatTimeout(s1))
    assert world.in_flight() == ["ack"]
    assert world.cluster.views[s1] is view
    assert [type(fact) for fact in world.records[0].facts] == [EntriesAppended]
    assert world.records[0].crashed


def test_a_crash_inside_a_step_need_not_show_the_disk() -> None:
    """Then the server is seen again when it starts."""
    world = noted()
    world.subject.raises["heartbeat_timeout"] = ServerCrashedError()
    world.apply(actions.HeartbeatTimeout(s1))
    assert world.records[0].facts == []
    assert world.apply(actions.HeartbeatTimeout(s1)) == []
