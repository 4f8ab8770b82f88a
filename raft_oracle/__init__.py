"""The public face: what tests, adapters and saved regressions import, all from this one module.

    from raft_oracle import Elect, s1, violation_of_schedule

`__all__` lists everything that is offered. The packages behind it (`raft_core`, `properties`,
`model` and `oracle`) are free to move; these names stay. They are loaded when they are first
asked for, so that the command line does not wait for what it does not use.

Those four packages have common names. Where a `model.py` or an `oracle/` of the user's is found
before them, importing this module raises one ImportError that says where it is and what to do.
"""

import os
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from model.actions import (
        Action,
        ChangeMembership,
        ClientRequest,
        Compact,
        CompleteWrite,
        Crash,
        CrashInside,
        Cut,
        Deliver,
        Drop,
        Duplicate,
        Elect,
        ElectionTimeout,
        Exchange,
        FailWrite,
        Heal,
        HeartbeatTimeout,
        Invoke,
        OptionalAction,
        Partition,
        PassTime,
        Restart,
        Schedule,
        Settle,
        Sync,
        TransferLeadership,
    )
    from model.drivers.rule_machine import PROFILES, run_machine
    from model.explorer.systems.encoding import encode
    from model.explorer.systems.system import (
        IMPOSSIBLE,
        OUTSIDE,
        AspectOf,
        Broken,
        Change,
        Component,
        Invariant,
        Offer,
        Outcome,
        System,
        SystemInWords,
        SystemWithInvariants,
    )
    from model.failures import PropertyViolatedError
    from model.reference.cluster import ReferenceCluster, ReferenceFactory
    from model.reference.variant import with_replaced
    from model.setup import Setup
    from model.subject import (
        Answer,
        NetworkKind,
        Packet,
        Sent,
        ServerCrashedError,
        Setting,
        Subject,
        SubjectError,
        SubjectFactory,
        SubjectWithFeatures,
        SubjectWithMeanings,
    )
    from oracle.regression import violation_of_schedule
    from properties.facts import (
        AppliedMoved,
        BecameLeader,
        CommitMoved,
        EntriesAppended,
        EntriesTruncated,
        MachineReached,
        MembershipChanged,
        SnapshotInstalled,
        Started,
        TermChanged,
        VoteChanged,
    )
    from properties.property import Breach, Property, Violation
    from properties.rules.vocabulary import Meaning
    from properties.view import (
        APPLIED,
        CLIENTS,
        COMMIT,
        LOG,
        MACHINE,
        MEANINGS,
        MEMBERSHIP,
        REFERENCE_OBSERVES,
        REPLICATION,
        ROLE,
        SNAPSHOT,
        VOTE,
        ObservedView,
        View,
    )
    from raft_core import (
        SERVERS,
        Command,
        Configuration,
        Entry,
        Log,
        Membership,
        Role,
        Server,
        Vector,
        s1,
        s2,
        s3,
        s4,
        s5,
        s6,
        s7,
        s8,
        s9,
    )

__all__ = [  # noqa: RUF022  (grouped by use)
    # Servers and what they hold.
    "Server",  # a server's number; it prints as S1
    "SERVERS",  # all servers in order: a cluster of three is SERVERS[:3]
    "s1",  # the first server
    "s2",  # the second
    "s3",  # the third
    "s4",  # the fourth
    "s5",  # the fifth
    "s6",  # the sixth
    "s7",  # the seventh
    "s8",  # the eighth
    "s9",  # the ninth, and the last
    "Role",  # follower, candidate or leader
    "Command",  # what a client asks for
    "Entry",  # one entry of a log: a term and a command
    "Log",  # a server's log, with the snapshot before its first entry
    "Membership",  # the configuration of a cluster: voters, learners, joint or not
    "Vector",  # the persistent sequence that holds a log's entries
    "Configuration",  # how the reference is set up: servers, batch size, features
    # The actions of a schedule, micro steps first.
    "Action",  # any of them
    "Schedule",  # a tuple of actions
    "ElectionTimeout",  # an election timer runs out
    "HeartbeatTimeout",  # one heartbeat interval goes by
    "ClientRequest",  # a client hands a command to a server
    "Deliver",  # a message arrives
    "Duplicate",  # a message is doubled in flight
    "Drop",  # a message is lost
    "Crash",  # a server stops
    "Restart",  # a crashed server starts from its disk
    "Cut",  # one link is cut
    "Partition",  # the cluster falls into two parts
    "Heal",  # all links work again
    "Settle",  # all faults stop, and the cluster must make progress
    "Elect",  # a whole election
    "Sync",  # a whole round of heartbeats and answers
    "Exchange",  # all that is in flight between two servers arrives
    # Optional actions, which a subject lists in `offers`.
    "OptionalAction",  # any of them
    "Compact",  # a server replaces the start of its log by a snapshot
    "ChangeMembership",  # an administrator asks for another configuration
    "TransferLeadership",  # an administrator asks for another leader
    "PassTime",  # a server's clock moves
    "Invoke",  # a client's operation, whose answer is judged
    "CrashInside",  # a server crashes within its next step
    "FailWrite",  # a disk refuses a write of the next step
    "CompleteWrite",  # a server's oldest write that is under way completes
    # An implementation under test: the port, and what goes through it.
    "Subject",  # a cluster of servers, driven call by call
    "SubjectWithFeatures",  # one that understands optional actions
    "SubjectWithMeanings",  # one that says what its messages mean
    "SubjectFactory",  # how to make one; FACTORY in an adapter's file
    "Setting",  # one --set NAME=VALUE that a subject understands
    "NetworkKind",  # "fifo" or "any"
    "Packet",  # a message in flight
    "Sent",  # a tuple of packets
    "Answer",  # what a client was answered
    "Meaning",  # what a message says, in the words of the paper
    "SubjectError",  # to raise where an implementation fails
    "ServerCrashedError",  # to raise where a server crashed inside a call
    # What a subject shows of a server, and the names of it for `observes`.
    "View",  # what the properties read
    "ObservedView",  # a view for adapters to fill
    "ROLE",  # role
    "VOTE",  # voted_for
    "LOG",  # log
    "COMMIT",  # commit_index
    "APPLIED",  # last_applied
    "REPLICATION",  # next_index and match_index
    "MACHINE",  # applied_digest
    "SNAPSHOT",  # the log begins with a snapshot
    "MEMBERSHIP",  # the log carries the configuration
    "CLIENTS",  # `answers` says what clients were answered
    "MEANINGS",  # `meaning` says what messages mean
    "REFERENCE_OBSERVES",  # role to replication, as the reference shows them
    # The reference, whole or with one function replaced.
    "ReferenceCluster",  # the reference as a Subject
    "ReferenceFactory",  # its factory, which takes another protocol
    "with_replaced",  # a copy of the protocol with functions or methods replaced
    # A property of one's own, which folds facts, and the facts that it may fold.
    "Property",  # what must hold after every step
    "Breach",  # why a fact contradicts it
    "Started",  # a server runs
    "TermChanged",  # its term moved
    "VoteChanged",  # its vote moved
    "BecameLeader",  # it leads a term
    "EntriesAppended",  # entries stand in its log
    "EntriesTruncated",  # entries left its log
    "SnapshotInstalled",  # a snapshot took the place of entries that it did not have
    "CommitMoved",  # its commit index moved
    "AppliedMoved",  # it applied entries
    "MachineReached",  # its state machine has this content
    "MembershipChanged",  # another configuration is in force in its log
    # A model of one's own for the explorer.
    "System",  # what the explorer searches: components that change each other in small moves
    "SystemWithInvariants",  # one that says what has to hold in every state
    "SystemInWords",  # one that tells its moves in words of its own
    "Component",  # a component of the state: its kind, and its server, if any
    "Offer",  # something that can happen: an event for one place, and further changes
    "Outcome",  # one way in which a place reacts
    "Change",  # a value changes as a label says
    "AspectOf",  # in place of a label: what a place shows of its value
    "Invariant",  # what has to hold in every state
    "Broken",  # what a move must not do: the name of the property, and what shows it
    "IMPOSSIBLE",  # there is no such move
    "OUTSIDE",  # the state lies outside the bounds
    "encode",  # a value as bytes, with servers renamed
    # Running it.
    "Setup",  # subject, servers, network and settings of a run
    "run_machine",  # hunt with Hypothesis from a test of your own
    "PROFILES",  # how long that takes: dev, ci or nightly
    "PropertyViolatedError",  # what it raises; its notes hold the shortest trace
    "violation_of_schedule",  # what one schedule leads to; for test_regression.py
    "Violation",  # a broken property: which, where, and why
]

PACKAGES: Final = ("raft_core", "properties", "model", "oracle")
"""What stands beside this package, and may be hidden by files of the same names."""
SOURCES: Final = (
    "model.actions",
    "model.subject",
    "model.explorer.systems.system",
    "model.explorer.systems.encoding",
    "model.failures",
    "model.setup",
    "model.reference.cluster",
    "model.reference.variant",
    "properties.view",
    "properties.property",
    "properties.facts",
    "properties.rules.vocabulary",
    "raft_core",
    "oracle.regression",
    "model.drivers.rule_machine",
)
"""Where the names come from; the first that has a name gives it.

The words of model stand before those of raft_core, whose events share some names with actions, and
what loads slowly stands last.
"""
ROOT: Final = Path(__file__).resolve().parent.parent
COMMAND: Final = "raft-oracle"
WRONG_USAGE: Final = 64
INCONCLUSIVE: Final = 2


def obstacle() -> str | None:
    """What is found in place of one of the four packages, and what to do; None if nothing is."""
    for name in PACKAGES:
        loaded = sys.modules.get(name)
        spec = find_spec(name) if loaded is None else loaded.__spec__
        found = spec.origin if spec else getattr(loaded, "__file__", None)
        if found is None or Path(found).resolve() != ROOT / name / "__init__.py":
            return (
                f"{found or 'nothing'} is in the way of raft-oracle's package {name!r} "
                f"({ROOT / name}): rename it, or run from a folder that does not have it"
            )
    return None


def is_command_line() -> bool:
    """Whether this process runs the command line, as `raft-oracle` or as `python -m oracle`."""
    started = Path(sys.argv[0])
    is_module = started.name == "__main__.py" or sys.argv[0] == "-m"
    return started.name == COMMAND or (is_module and "oracle" in sys.orig_argv)


def check_packages() -> None:
    """Raise ImportError if a file of the user's hides a package; the command line says so and ends.

    The command line imports this module before it can catch anything, so it ends here.
    """
    found = obstacle()
    if found is None:
        return
    if is_command_line():
        print(f"{COMMAND}: {found}", file=sys.stderr)
        sys.exit(WRONG_USAGE)
    raise ImportError(found)


def main() -> None:
    """Run the command line; a signal that comes while it is imported finds nothing to tidy up."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, end_at_once)
    import_module("oracle.commands.main").main()


def end_at_once(number: int, frame: object) -> None:
    """End, before anything has begun, as a command that is interrupted ends."""
    print(f"{COMMAND}: interrupted", file=sys.stderr, flush=True)
    os._exit(INCONCLUSIVE)


if not TYPE_CHECKING:  # type checkers read the imports above

    def __getattr__(name: str) -> object:
        """Load one of the offered names, and keep it."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        check_packages()  # the path may have changed since
        modules = map(import_module, SOURCES)
        value = next(getattr(module, name) for module in modules if hasattr(module, name))
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """What is offered, loaded or not."""
    return sorted(__all__)


check_packages()
