"""Adapters in processes of their own: whatever they do is one clear failure, and never ours."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from model.actions import Action, ClientRequest, Deliver, ElectionTimeout, Restart, Schedule
from model.runs.run import violation_of
from model.runs.shrink import is_same
from model.schedule import load_schedule
from model.subject import SubjectError
from model.world.macro_actions import Cluster
from oracle.adapter.subject import Adapter, AdapterSubject, observed
from oracle.hunting.severity import wrong_guess_in
from oracle.processes.line_process import KEPT, LineProcess, NoProgramError, ProcessOutputError
from oracle.subjects.naming import read_subject
from properties.checker import checker_ignoring
from properties.property import Violation, shape_of
from raft_core import s1, s2
from tests.oracle.command import ADAPTERS, Done, flat, is_refused, raft_oracle

FAULTY = str(ADAPTERS / "faulty_child.py")
IMPATIENT = {"RAFT_ORACLE_PATIENCE": "2"}
PATIENCE = 10.0
SCHEDULE: Schedule = (ElectionTimeout(s1), Deliver(s1, s2), Restart(s1), ClientRequest(s2, "v1"))


def command(fault: str, where: str = "client_request") -> tuple[str, ...]:
    """What starts the adapter with a fault."""
    return (sys.executable, FAULTY, fault, where)


@contextmanager
def cluster_of(adapter: Adapter) -> Iterator[Cluster]:
    """A cluster of three servers behind an adapter, whose processes end with it."""
    subject = AdapterSubject(adapter, 3, {})
    checker = checker_ignoring(frozenset({"VoteOnce"}), 3, observed(adapter.hello))
    try:
        yield Cluster(subject, 3, "any", checker)
    finally:
        subject.close()
        for process in adapter.idle:
            process.stop()


def failure(fault: str, where: str, patience: float = PATIENCE) -> Violation | None:
    """What a schedule with all usual commands comes to."""
    with cluster_of(Adapter(command(fault, where), patience)) as cluster:
        return violation_of(cluster, SCHEDULE)


FAILURES = [
    ("half-a-line", 'ended with exit code 0 within a reply, having written \'{"sent":[{"to"\''),
    ("garbage", "client_request: JSON is malformed: invalid character (byte 0), in 'panic!'"),
    ("no-utf8", "client_request: "),
    ("no-object", "client_request: Expected `object`, got `array`, in '[]'"),
    ("twice", "client_request: found 2 lines, expected one reply"),
    ("exits", "client_request: the adapter ended with exit code 3"),
    ("killed", "client_request: the adapter was killed by SIGKILL"),
    ("closes-output", "client_request: the adapter closed its standard output"),
    ("floods", "client_request: found more than 64 MiB without an end of line"),
    ("error", "client_request: error: panic: index out of range at raft.go:7"),
    ("unknown-field", "client_request: Object contains unknown field `sents`"),
    ("missing-field", "client_request: Object missing required field `term` - at `$.views[...]`"),
    ("wrong-type", "client_request: Expected `int`, got `str` - at `$.views[...].term`"),
    ("negative", "client_request: Expected `int` >= 0 - at `$.views[...].commit`"),
    ("unknown-role", "Invalid enum value 'king' - at `$.views[...].role`"),
    ("vote-for-nobody", "client_request: views.S2.vote: found 'S9', expected one of S1, S2, S3"),
    ("log-with-gap", "client_request: views.S2.log.from: found 5, expected 1 to 1"),
    ("log-in-snapshot", "client_request: views.S2.log.from: found 2, expected 4 to 4"),
    ("unknown-server", "client_request: views: found 'S8', expected one of S1, S2, S3"),
    ("sent-to-itself", "client_request: sent.to: found S2, the sender, expected another"),
    ("sent-to-nobody", "client_request: sent.to: found 'S9', expected one of S1, S2, S3"),
    ("sent-without-label", "Object missing required field `label` - at `$.sent[0]`"),
    ("unknown-meaning", "Invalid value 'poem' - at `$.sent[0].meaning.type`"),
    ("crashed-unasked", "client_request: crashed: found true, expected no crash"),
]
ELSEWHERE = [
    ("no-views", "reset", "reset: views: found no S1 after reset, expected all servers"),
    ("no-views", "restart", "restart: views: found no S1 after its restart, expected its view"),
    ("no-log", "restart", "restart: views.S1.log: found none after a restart, expected the whole"),
    ("exits", "reset", "reset: the adapter ended with exit code 3"),
    ("error", "crash", "crash: error: panic"),
    ("crashed-unasked", "receive", "receive: crashed: found true, expected no crash"),
    ("crashed-unasked", "restart", "restart: crashed: found true, expected no crash here"),
    ("sent-to-nobody", "receive", "receive: sent.to: found 'S9'"),
]


@pytest.mark.parametrize(
    ("fault", "where", "detail"),
    [(fault, "client_request", detail) for fault, detail in FAILURES] + ELSEWHERE,
    ids=lambda text: str(text)[:18],
)
def test_wrong_reply_is_a_failure_that_names_it(fault: str, where: str, detail: str) -> None:
    """The failure says in which command it happened, what was found, and what was expected."""
    found = failure(fault, where)
    assert found is not None
    assert found.property == "SubjectFailed"
    assert detail in found.detail
    assert failure(fault, where) == found, "the same words every time"


def test_silence_is_a_failure_in_time() -> None:
    """An adapter that does not reply is not waited for longer than it may take."""
    found = failure("silent", "client_request", patience=0.3)
    assert found is not None
    assert found.detail == "ProcessHungError: client_request: no reply in time"
    assert (found.cause, found.call) == ("hung", "client_request")


@pytest.mark.parametrize(
    ("fault", "cause"), [("exits", "died"), ("twice", "output"), ("error", "returned")]
)
def test_failure_says_in_a_field_what_became_of_the_process(fault: str, cause: str) -> None:
    """Whether the process has ended decides how its schedule is shrunk; nobody reads the words."""
    found = failure(fault, "client_request")
    assert found is not None
    assert (found.cause, found.call) == (cause, "client_request")


def test_a_wrong_guess_is_another_failure_than_any_other() -> None:
    """So that no failure of a lab is shrunk to a schedule that shows only a wrong guess."""
    guessed, failed = failure("guess", "client_request"), failure("error", "client_request")
    assert guessed is not None
    assert failed is not None
    assert wrong_guess_in(guessed) == "commit"
    assert not is_same(guessed, failed)
    assert is_same(guessed, guessed)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("exits", "S2: the lab ended with exit code 3"),
        ("complains", "S2: panic: everything is lost; the lab ended with exit code 2"),
        ("killed", "S2: the lab was killed by SIGKILL"),
        ("error", "panic: index out of range at raft.go:7"),
    ],
)
def test_the_author_of_a_lab_is_not_told_of_adapters(fault: str, told: str) -> None:
    """What is hunted as it is fails in words of its own, and is the same failure all the same."""
    with cluster_of(Adapter(command(fault), PATIENCE, "the lab")) as cluster:
        found = violation_of(cluster, SCHEDULE)
    assert found is not None
    assert found.detail == told
    plain = failure(fault, "client_request")
    assert plain is not None
    assert shape_of(found) == shape_of(plain)


def test_flood_of_complaints_is_no_failure() -> None:
    """Standard error is read all the time, and its end is kept."""
    with cluster_of(Adapter(command("floods-errors"), 20.0)) as cluster:
        assert violation_of(cluster, SCHEDULE) is None
        subject = cluster.subject
        assert isinstance(subject, AdapterSubject)
        assert subject._process is not None
        subject._process.stop()
        errors = subject._process.errors
        assert len(errors) == KEPT
        assert errors.endswith(b"\nthe last word\n")


def test_complaints_of_an_adapter_that_died_are_kept() -> None:
    """What it wrote to standard error says why."""
    with cluster_of(Adapter(command("complains"), PATIENCE)) as cluster:
        assert violation_of(cluster, SCHEDULE) is not None
        subject = cluster.subject
        assert isinstance(subject, AdapterSubject)
        assert subject.standard_error == b"panic: everything is lost\n"


def test_run_after_a_failure_has_a_new_process() -> None:
    """An adapter that has died is started anew by the next reset."""
    with cluster_of(Adapter(command("exits"), PATIENCE)) as cluster:
        assert violation_of(cluster, SCHEDULE) is not None
        harmless: tuple[Action, ...] = SCHEDULE[:3]
        assert violation_of(cluster, harmless) is None


def test_one_process_serves_many_runs() -> None:
    """As long as it does not fail, an adapter is started once."""
    adapter = Adapter(command("none", "never"), PATIENCE)
    with cluster_of(adapter) as cluster:
        first = adapter.idle[0]
        for _ in range(3):
            assert violation_of(cluster, SCHEDULE) is None
        cluster.subject.close()
        assert adapter.idle == [first]


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ("other-version", 'hello: found \'{"protocol": 2'),
        ("other-version", "protocol: found 2, expected 1"),
        ("unknown-offer", "offers: found 'Fly', expected some of ChangeMembership"),
        ("unknown-observation", "observes: found 'moods', expected some of applied_digest"),
        ("garbage", "hello: found 'panic!': JSON is malformed"),
        ("error", "hello: panic: index out of range"),
        ("exits", "hello: the adapter ended with exit code 3"),
        ("complains", "exit code 2: panic: everything is lost"),
    ],
)
def test_adapter_that_does_not_greet_is_refused(fault: str, detail: str) -> None:
    """What is wrong with the reply to hello is told before anything begins."""
    with pytest.raises(SubjectError) as refused:
        Adapter(command(fault, "hello"), PATIENCE)
    assert detail in str(refused.value)


@pytest.mark.parametrize(
    ("program", "why"),
    [("no-such-program", "it is not found"), (FAULTY, "it is not executable"), ("/", "it is not")],
)
def test_command_that_does_not_start_is_told(program: str, why: str) -> None:
    """A program that is not there, or is none, is one line."""
    with pytest.raises(NoProgramError, match=why):
        LineProcess((program,))


def test_second_reply_that_comes_late_is_a_failure() -> None:
    """It is not taken for the reply to the next command."""
    script = "import sys\nfor line in sys.stdin: print({}, flush=True); print({}, flush=True)"
    process = LineProcess((sys.executable, "-c", script))
    with pytest.raises(ProcessOutputError, match="expected one reply"):
        ask_twice(process)
    assert not process.is_running


def ask_twice(process: LineProcess) -> None:
    """Two commands with a pause between them."""
    process.ask(b"{}", PATIENCE)
    time.sleep(0.2)
    process.ask(b"{}", PATIENCE)


def test_long_command_reaches_an_adapter_that_complains_first() -> None:
    """Neither waits for the other for ever, however much each has to say."""
    script = (
        "import sys\n"
        "for line in sys.stdin: sys.stderr.write('x' * 10**6); print(len(line), flush=True)"
    )
    process = LineProcess((sys.executable, "-c", script))
    try:
        assert process.ask(b"x" * 3_000_000, PATIENCE) == b"3000001"
        assert process.ask(b"{}", PATIENCE) == b"3"
    finally:
        process.stop()


def hunt(cwd: Path, *words: str) -> Done:
    """A short hunt, which writes what it finds to `found`."""
    limits = ("--budget", "2s", "--workers", "1", "--out", "found")
    return raft_oracle(cwd, "hunt", *limits, "--", *words, variables=IMPATIENT)


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ("complains", "client_request: the adapter ended with exit code 2"),
        ("silent", "client_request: no reply in time"),
        ("error", "client_request: error: panic: index out of range at raft.go:7"),
    ],
)
def test_failure_of_an_adapter_is_found_shrunk_and_replayed(
    fault: str, detail: str, tmp_path: Path
) -> None:
    """The schedule is short, and a replay in another directory starts the same command."""
    done = hunt(tmp_path, *command(fault))
    assert done.code == 1, done
    assert detail in flat(done.out)
    saved = load_schedule((tmp_path / "found/schedule.json").read_bytes(), read_subject)
    assert saved.property == "SubjectFailed"
    assert len(saved.actions) == 1
    (tmp_path / "elsewhere").mkdir()
    again = raft_oracle(
        tmp_path / "elsewhere", "replay", "../found/schedule.json", variables=IMPATIENT
    )
    assert again.code == 1, again
    assert detail in flat(again.out)
    if fault == "complains":
        assert (tmp_path / "found/stderr.txt").read_bytes() == b"panic: everything is lost\n"
        assert "standard error ends:\npanic: everything is lost\n" in done.out
        assert "standard error ends:\npanic: everything is lost\n" in again.out


def test_adapter_that_is_not_deterministic_is_refused_in_one_line(tmp_path: Path) -> None:
    """Where the same schedule does not fail again, the line says so; the exit code is 2."""
    script = tmp_path / "by_chance.py"
    text = Path(FAULTY).read_text()
    script.write_text(
        text.replace('"error": lambda', '"unused": lambda').replace(
            'REPLIES[fault](reply, command.get("server", ""))',
            '{"error": f"at {time.perf_counter_ns()}"}',
        )
    )
    done = hunt(tmp_path, sys.executable, str(script), "by-chance")
    assert done.code == 2, done
    assert "not deterministic" in done.err
    assert done.err.count("\n") == 2  # the first one is what was found


@pytest.mark.parametrize("fault", ["exits", "silent", "garbage", "floods"])
def test_hunt_of_an_adapter_that_does_not_greet_is_wrong_usage(fault: str, tmp_path: Path) -> None:
    """It is one line, and no finding."""
    done = hunt(tmp_path, *command(fault, "hello"))
    assert is_refused(done)
    assert ": hello: " in done.err


def test_command_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    """So is one that is empty, and a subject besides."""
    assert is_refused(hunt(tmp_path, "./no-such-program"))
    assert is_refused(raft_oracle(tmp_path, "hunt", "--"))
    assert is_refused(raft_oracle(tmp_path, "hunt", "reference", "--", *command("none")))
