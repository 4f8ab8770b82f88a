"""Unmodified Go, with its threads and timers, beside a library in Go that has none of its own.

Each runs in one worker, with all properties and the rules, as in a hunt; the child is a process of
its own. What is shrunk is the same mistake in each: a server that votes twice in a term.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from attrs import evolve

from bench.timing import Measured, Work, table, take_turns, timed
from bench.walker import walks
from model.drivers.walker import walk
from model.runs.shrink import shrink
from model.setup import Setup
from model.target import Bridge, Directory, TargetRequest
from oracle.processes.looking import Looks
from oracle.subjects.registry import make_setup
from oracle.terminal.usage import UsageError

RUNS: Final = 100
BASE: Final = "etcd-raft"
"""The bridge that the others are compared with."""
LAB: Final = Path(__file__).resolve().parent.parent / "examples" / "labs" / "tick_and_flags"
REFUSES: Final = "rf.votedFor == -1 || rf.votedFor == args.CandidateId"
"""Where the lab refuses a second vote in a term."""
ROUNDS: Final = 3


def walking(setup: Setup) -> Work:
    """Runs of the walker: the same ones at every call."""
    return walks(setup.cluster(), RUNS)


def shrinking(setup: Setup) -> Work:
    """The first finding of the walker is shrunk: one piece of work."""
    cluster = setup.cluster()
    for number in range(RUNS):
        violation, schedule = walk(cluster, 0, number)
        if violation is not None:
            found = violation, schedule
            break
    else:
        raise UsageError(f"bench: found nothing in {setup.factory.name}, expected a second vote")

    def work() -> int:
        shrink(cluster, found[1], found[0])
        return 1

    return timed(work)


def requests() -> dict[str, TargetRequest]:
    """What is compared, by name."""
    return {
        BASE: TargetRequest(subject=Bridge(BASE)),
        "hashicorp-raft": TargetRequest(subject=Bridge("hashicorp-raft")),
        f"lab {LAB.name}": TargetRequest(subject=Directory(str(LAB))),
    }


def voting_twice(folder: Path) -> dict[str, TargetRequest]:
    """The same with the mistake, the lab's in a copy in this folder."""
    whole = requests()
    planted = {name: evolve(whole[name], mutant="double-vote") for name in (BASE, "hashicorp-raft")}
    shutil.copytree(LAB.parent, folder / "labs")
    file = folder / "labs" / LAB.name / "vote.go"
    text = file.read_text(encoding="utf-8")
    if REFUSES not in text:
        raise UsageError(f"bench: found no {REFUSES!r} in {file}, expected it")
    file.write_text(text.replace(REFUSES, "true"), encoding="utf-8")
    return planted | {f"lab {LAB.name}": TargetRequest(subject=Directory(str(file.parent)))}


def measure(folder: Path) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Steps of the walker, and findings that are shrunk: all in turn."""
    Looks.work_beside(1)
    walked = {name: walking(make_setup(each)) for name, each in requests().items()}
    shrunk = {name: shrinking(make_setup(each)) for name, each in voting_twice(folder).items()}
    return take_turns(walked, ROUNDS), take_turns(shrunk, ROUNDS)


def tables() -> str:
    """Both tables, or why there are none."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            walked, shrunk = measure(Path(folder))
    except UsageError as error:
        return f"Unmodified Go: not measured, {error}\n"
    title = "A second vote, shrunk (a step is a finding; to etcd-raft)"
    return table(walked, BASE, "Unmodified Go, walker (to etcd-raft)") + table(shrunk, BASE, title)


if __name__ == "__main__":
    print(tables())
