"""A reset that is done ahead gives what a reset gives that is done when it is asked for."""

import sys
from collections.abc import Iterator

import pytest

from oracle.adapter.subject import Adapter, AdapterSubject
from raft_core import s1

FRESH = """
import json, os, sys

for line in sys.stdin:
    asked = json.loads(line)
    reply = {}
    if asked["op"] == "hello":
        reply = {"protocol": 1, "name": "toy", "version": "1", "network": "any", "observes": []}
        reply["fresh"] = FRESH
    elif asked["op"] == "reset":
        view = {"role": "follower", "term": os.getpid(), "vote": None, "applied": 0}
        view["commit"] = len(asked["settings"])
        reply = {"views": {server: view for server in asked["servers"]}}
    elif asked["op"] == "client_request":
        sys.exit(3)
    print(json.dumps(reply), flush=True)
"""
"""Its servers' term is the number of the process, their commit index that of its settings."""
PATIENCE = 10.0


def adapter_of(fresh: bool) -> Adapter:
    """The adapter above."""
    program = FRESH.replace("FRESH", str(fresh))
    return Adapter((sys.executable, "-c", program), PATIENCE)


@pytest.fixture
def adapter() -> Iterator[Adapter]:
    """One whose resets are new processes; at the end there is none any more."""
    made = adapter_of(fresh=True)
    yield made
    assert made.ahead is not None
    for process in (*made.idle, made.ahead.process):
        if process is not None:
            process.stop()


def reset_in(subject: AdapterSubject) -> int:
    """The process that has done a reset."""
    subject.reset()
    return subject.view(s1).current_term


def test_two_processes_take_turns(adapter: Adapter) -> None:
    """From the third run on, the reset was done while the run before went on."""
    subject = AdapterSubject(adapter, 3, {})
    runs = [reset_in(subject) for _ in range(6)]
    first, other = runs[0], runs[2]
    assert first != other
    assert runs == [first, first, other, first, other, first]
    subject.close()


def test_one_process_does_it_all_where_resets_are_not_fresh() -> None:
    """What a program does not promise is not used."""
    adapter = adapter_of(fresh=False)
    subject = AdapterSubject(adapter, 3, {})
    assert len({reset_in(subject) for _ in range(5)}) == 1
    subject.close()
    adapter.idle[0].stop()


def test_another_reset_is_not_answered_by_the_one_that_was_done(adapter: Adapter) -> None:
    """Servers and settings are those that were asked for, whatever came before."""
    plain, with_setting = AdapterSubject(adapter, 3, {}), AdapterSubject(adapter, 3, {"a": "b"})
    for subject, commit in ((plain, 0), (plain, 0), (with_setting, 1), (plain, 0), (plain, 0)):
        subject.reset()
        assert subject.view(s1).commit_index == commit
    plain.close()
    with_setting.close()


def test_a_process_that_has_died_is_replaced(adapter: Adapter) -> None:
    """One that ended in its run, and one that ended with its reset done, are not asked again."""
    subject = AdapterSubject(adapter, 3, {})
    seen = {reset_in(subject), reset_in(subject)}
    with pytest.raises(Exception, match="client_request: the adapter ended with exit code 3"):
        subject.client_request(s1, "v1")
    seen.add(reset_in(subject))
    assert adapter.ahead is not None
    assert adapter.ahead.process is not None
    adapter.ahead.process.stop()
    seen |= {reset_in(subject), reset_in(subject)}
    assert len(seen) >= 3
    subject.close()
