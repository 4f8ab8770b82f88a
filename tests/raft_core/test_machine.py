"""The state machine: what commands do, sessions, and snapshots as rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raft_core import EXPIRED, Machine, Membership, NoOp, OpenSession, Payload, SessionCommand, s1
from raft_core.machine import Session, applied, machine_of, rows_of

KEYS = st.sampled_from(["x", "y", "z"])
WORDS = st.sampled_from(["", "a", "b", "c"])
COMMANDS = st.one_of(
    st.builds("get {}".format, KEYS),
    st.builds("set {} {}".format, KEYS, WORDS),
    st.builds("append {} {}".format, KEYS, WORDS),
    st.sampled_from(["v1", "v2", "set x", "", "get x y"]),
)
SESSION_COMMANDS = st.builds(SessionCommand, st.integers(1, 8), st.integers(1, 4), COMMANDS)
PAYLOADS: st.SearchStrategy[Payload] = st.one_of(
    COMMANDS, st.just(NoOp()), st.just(OpenSession(1)), SESSION_COMMANDS
)
LOGS = st.lists(PAYLOADS, max_size=20)


def run(payloads: list[Payload], limit: int = 3) -> tuple[Machine, list[str | None]]:
    """The machine after these entries from index 1, and each one's answer."""
    machine, outputs = Machine(), []
    for index, payload in enumerate(payloads, 1):
        machine, output = applied(machine, index, payload, limit)
        outputs.append(output)
    return machine, outputs


def in_session(number: int, command: str, session: int = 1) -> SessionCommand:
    """A command of the session that the first entry opened, or of another one."""
    return SessionCommand(session, number, command)


@pytest.mark.parametrize(
    ("commands", "output", "value"),
    [
        (["get x"], "", ""),
        (["set x 1"], "", "1"),
        (["set x 1", "get x"], "1", "1"),
        (["set x 1", "set x 2"], "", "2"),
        (["append x a", "append x b"], "ab", "ab"),
        (["set y 1"], "", ""),
    ],
)
def test_commands_do_what_they_say(commands: list[str], output: str, value: str) -> None:
    """`set` stores, `append` lengthens and answers the new value, `get` answers."""
    machine, outputs = run([*commands])
    assert (outputs[-1], machine.value("x")) == (output, value)


@pytest.mark.parametrize("command", ["v1", "set x", "get x y", "append x", "x set 1 2"])
def test_other_commands_are_kept_under_themselves(command: str) -> None:
    """A command of unknown form leaves a trace of its own, so that none is lost unseen."""
    machine, outputs = run([command])
    assert (machine.values, outputs) == (((command, ""),), [""])


@pytest.mark.parametrize("payload", [NoOp(), Membership((s1,))])
def test_entries_of_the_protocol_leave_the_machine_alone(payload: Payload) -> None:
    """No-ops and configurations are no commands, and nobody waits for their answer."""
    assert applied(Machine((("x", "1"),)), 3, payload, 3) == (Machine((("x", "1"),)), None)


@given(LOGS)
def test_content_is_in_order(payloads: list[Payload]) -> None:
    """Values ascend by key and sessions by name, so that equal content is an equal value."""
    machine, _ = run(payloads)
    keys = [key for key, _ in machine.values]
    names = [session.name for session in machine.sessions]
    assert keys == sorted(set(keys))
    assert names == sorted(set(names))


@given(LOGS)
def test_snapshot_holds_all_of_the_machine(payloads: list[Payload]) -> None:
    """Rows made of a machine make the same machine again, sessions and their order of use too."""
    machine, _ = run(payloads)
    assert machine_of(rows_of(machine)) == machine


@given(LOGS, st.integers(0, 20))
def test_machine_goes_on_from_a_snapshot(payloads: list[Payload], cut: int) -> None:
    """A machine from a snapshot does and answers what one that saw every entry does."""
    expected, outputs = run(payloads)
    machine, _ = run(payloads[:cut])
    machine = machine_of(rows_of(machine))
    for index, payload in enumerate(payloads[cut:], cut + 1):
        machine, output = applied(machine, index, payload, 3)
        assert output == outputs[index - 1]
    assert machine == expected


def test_session_is_named_by_its_entry() -> None:
    """The answer to a client that opens a session is the index of its entry."""
    machine, outputs = run([NoOp(), OpenSession(7)])
    assert outputs == [None, "2"]
    assert machine.session(2) == Session(2, 0, "", 2)
    assert machine.session(1) is None


def test_repeated_command_is_answered_and_not_executed() -> None:
    """The second copy gets the first one's answer."""
    machine, outputs = run(
        [OpenSession(1), in_session(1, "append x a"), in_session(1, "append x a")]
    )
    assert outputs == ["1", "a", "a"]
    assert machine.value("x") == "a"


def test_answer_to_a_repeated_command_is_the_first_one() -> None:
    """What others did meanwhile does not change the stored answer."""
    read = in_session(1, "get x")
    _, outputs = run([OpenSession(1), read, "set x 9", read])
    assert outputs[1] == outputs[3] == ""


def test_copy_of_a_command_that_was_given_up_gets_no_answer() -> None:
    """A number below the session's last has no effect, and its answer is not kept any more."""
    first, second = in_session(1, "append x a"), in_session(2, "append x b")
    machine, outputs = run([OpenSession(1), first, second, first])
    assert (machine.value("x"), outputs[-1]) == ("ab", None)


@given(
    st.integers(1, 4).flatmap(
        lambda count: st.tuples(st.just(count), st.lists(st.integers(1, count)))
    )
)
def test_any_interleaving_applies_each_number_at_most_once(drawn: tuple[int, list[int]]) -> None:
    """Copies in any order and number: every command takes effect at most once, in its turn."""
    _, numbers = drawn
    machine, _ = run([OpenSession(1), *(in_session(each, f"append x {each}") for each in numbers)])
    effects = machine.value("x")
    assert sorted(set(effects)) == list(effects)
    rising = [each for at, each in enumerate(numbers) if each > max(numbers[:at], default=0)]
    assert effects == "".join(map(str, rising))


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(1, 3)), max_size=12))
def test_sessions_do_not_disturb_each_other(commands: list[tuple[int, int]]) -> None:
    """Two clients' numbers are counted apart."""
    payloads: list[Payload] = [OpenSession(1), OpenSession(2)]
    payloads += [in_session(number, f"append x{name} {number}", name) for name, number in commands]
    together, _ = run(payloads)
    for name in (1, 2):
        alone, _ = run(
            [*payloads[:2], *(each for each in payloads[2:] if getattr(each, "session", 0) == name)]
        )
        assert together.value(f"x{name}") == alone.value(f"x{name}")


def test_command_of_an_unknown_session_is_refused() -> None:
    """Without a session it cannot be known whether the command took effect before."""
    machine, outputs = run([in_session(1, "set x 1", session=5)])
    assert (machine, outputs) == (Machine(), [EXPIRED])


def test_least_recently_used_session_expires() -> None:
    """A use counts, not only the opening: the session that was used longest ago goes."""
    opened: list[Payload] = [OpenSession(1), OpenSession(2)]
    machine, _ = run([*opened, in_session(1, "get x", 1), OpenSession(3)], limit=2)
    assert [session.name for session in machine.sessions] == [1, 4]


def test_copy_of_a_command_is_a_use_of_its_session() -> None:
    """A client that asks again is alive."""
    read = in_session(1, "get x", 1)
    payloads: list[Payload] = [OpenSession(1), read, OpenSession(2), read, OpenSession(3)]
    machine, _ = run(payloads, limit=2)
    assert [session.name for session in machine.sessions] == [1, 5]


def test_command_of_an_expired_session_takes_no_effect() -> None:
    """Its copy may have been applied while the session was there: applying it could be a second."""
    command = in_session(1, "append x a", 1)
    machine, outputs = run([OpenSession(1), command, OpenSession(2), command], limit=1)
    assert (machine.value("x"), outputs[-1]) == ("a", EXPIRED)


@given(LOGS, st.integers(1, 3))
def test_no_more_sessions_are_open_than_may_be(payloads: list[Payload], limit: int) -> None:
    """The limit holds after every entry."""
    machine, _ = run(payloads, limit)
    assert len(machine.sessions) <= limit


def test_without_sessions_every_copy_takes_effect() -> None:
    """Where the configuration has no sessions, a number means nothing."""
    command = in_session(1, "append x a")
    assert run([command, command], limit=0)[0].value("x") == "aa"
