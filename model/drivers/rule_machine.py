"""Hypothesis rule machines: the same actions, drawn and shrunk by Hypothesis.

Hypothesis costs some thirty times what a step of the reference does, so a rule is an action
from which much follows, its arguments are few, and properties are checked inside the step.
Where Hypothesis shrinks, it prints the failing run as a program of these rules.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from random import Random
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers as hypothesis_providers
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from model import actions
from model.actions import Action, Schedule
from model.drivers.action_source import source_of_run
from model.drivers.clients import READ, Clients, superseded
from model.drivers.machine_rules import WRITE, Link, drawn_in, names_of_copies, rules_of
from model.drivers.run_profile import DrawBelow
from model.failures import SUBJECT_FAILED, NotReproducedError, PropertyViolatedError
from model.runs.render import render
from model.runs.shrink import shrink
from model.setup import Setup
from model.world.macro_actions import Cluster
from properties.property import Violation
from raft_core import Role, Server

PROFILES: dict[str, settings] = {
    name: settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,  # what it prints, only a function under @given can use
        report_multiple_bugs=False,
        verbosity=Verbosity.normal,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    for name, max_examples, steps in (("dev", 50, 40), ("ci", 800, 50), ("nightly", 20_000, 60))
}
"""Every field that Hypothesis would otherwise take from the environment is set: with CI=1 it
loads a profile of its own, and these profiles would inherit from that."""


LONG = 12
"""Ticks after which no server is bound by what it heard from a leader, and leases are over."""


class RaftMachine(RuleBasedStateMachine):
    """What the rules do; `machine_of` says from what they draw their arguments."""

    cluster: ClassVar[Cluster]
    empty: ClassVar[bool] = False
    """The twin whose rules do nothing, for measuring what Hypothesis itself costs."""
    schedule: ClassVar[list[Action]] = []
    """The actions of the latest run."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0
        self.clients = Clients(self.cluster)
        type(self).schedule = []
        if not self.empty:
            self.cluster.reset()

    def act(self, action: Action) -> None:
        """Let an action happen; a violation ends the run."""
        if not self.empty:
            self.schedule.append(action)
            self.cluster.apply(action)

    def leader(self, server: Server) -> Server:
        """The leader nearest to `server`, or `server` where none leads."""
        if self.empty:
            return server
        members, views = self.cluster.members, self.cluster.views
        around = members[server:] + members[:server]
        return next((each for each in around if views[each].role is Role.LEADER), server)

    def elect(self, server: Server, unreachable: tuple[Server, ...]) -> None:
        """An election."""
        self.hold_election(server, unreachable)

    def hold_election(self, server: Server, unreachable: tuple[Server, ...]) -> None:
        """An election; where servers heed clocks, after some time."""
        if not self.empty and "PassTime" in self.cluster.offers:
            self.act(actions.PassTime(LONG))
        self.act(actions.Elect(server, unreachable))

    def lead(
        self,
        server: Server,
        unreachable: tuple[Server, ...],
        requests: int,
        unreached: tuple[Server, ...] | None,
    ) -> None:
        """A term in one draw: an election, some requests, and perhaps a round of replication."""
        self.hold_election(server, unreachable)
        for _ in range(requests):
            self.request(server)
        if unreached is not None:
            self.act(actions.Sync(server, unreached))

    def sync(self, server: Server, unreachable: tuple[Server, ...]) -> None:
        """A round of replication, by a leader if there is one."""
        self.act(actions.Sync(self.leader(server), unreachable))

    def client_request(self, server: Server, anyone: bool) -> None:
        """A request to a leader, or to anyone."""
        self.request(server if anyone else self.leader(server))

    def request(self, server: Server) -> None:
        """A request with a command of its own."""
        self.requests += 1
        self.act(actions.ClientRequest(server, f"v{self.requests}"))

    def invoke(self, server: Server, client: int, command: str, again: bool) -> None:
        """A client's next operation at a leader, or its last one once more."""
        self.ask(self.leader(server), client, command, again)

    def ask(self, server: Server, client: int, command: str, again: bool = False) -> None:
        """A client's next operation at this server, or its last one once more, if it may go on."""
        operation = self.clients.ask(server, client, command, again)
        if operation is not None:
            self.act(operation)

    @property
    def members(self) -> tuple[Server, ...]:
        """All servers."""
        return self.cluster.members

    def stale(self, link: Link, ticks: int, heard: bool) -> None:
        """A leader is superseded without a word, and a client asks it to read, in one draw."""
        old, new = link
        self.hold_election(old, ())
        if heard:
            self.act(actions.Sync(old))
        self.act(actions.PassTime(ticks, tuple(each for each in self.members if each != old)))
        for step in superseded(old, new, [WRITE]):
            self.ask(new, 1, step) if isinstance(step, str) else self.act(step)
        self.ask(old, 2, READ)

    def lag(self, link: Link, requests: int, newest_first: bool) -> None:
        """A leader discards what a follower has not heard of, and then they talk, in one draw."""
        leader, slow = link
        self.hold_election(leader, (slow,))
        for _ in range(requests):
            self.request(leader)
        self.act(actions.Sync(leader, (slow,)))
        self.act(actions.Compact(leader))
        self.act(actions.HeartbeatTimeout(leader))
        self.act(actions.Exchange(leader, slow, newest_first))

    def change(
        self, server: Server, voters: tuple[Server, ...], unreachable: tuple[Server, ...]
    ) -> None:
        """A leader changes the configuration, and some of the others learn of it, in one draw."""
        leader = self.leader(server)
        self.act(actions.ChangeMembership(leader, voters))
        self.act(actions.Sync(leader, unreachable))

    def feature(self, action: Action) -> None:
        """Something that only subjects with a feature understand."""
        self.act(action)

    def exchange(self, link: Link, newest_first: bool) -> None:
        """All that is late between two servers."""
        self.act(actions.Exchange(*link, newest_first))

    def deliver(self, link: Link, age: int) -> None:
        """One message."""
        self.act(actions.Deliver(*link, age))

    def duplicate(self, link: Link, age: int) -> None:
        """One message, of which a copy stays."""
        self.act(actions.Duplicate(*link, age))

    def election_timeout(self, server: Server) -> None:
        """An election that nobody hears of yet."""
        self.act(actions.ElectionTimeout(server))

    def restart(self, server: Server) -> None:
        """A crash, and a start from the disk."""
        self.act(actions.Restart(server))

    def fault(self, fault: Action) -> None:
        """One of the rarer happenings."""
        self.act(fault)


def machine_of(cluster: Cluster, empty: bool = False) -> type[RaftMachine]:
    """The rule machine over this cluster, or its empty twin."""
    drawn = drawn_in(cluster)
    decorate: Any = rule  # its overloads do not see through **
    bodies = {
        copy: decorate(**each.arguments(drawn))(body_of(each.name, copy))
        for each in rules_of(drawn, cluster.offers)
        for copy in names_of_copies(each)
    }
    return type("RaftMachine", (RaftMachine,), {**bodies, "cluster": cluster, "empty": empty})


def body_of(name: str, copy: str) -> Callable[..., None]:
    """A rule's body under the name `copy`, as a function of its own: Hypothesis marks it."""
    method = getattr(RaftMachine, name)

    @wraps(method)
    def body(self: RaftMachine, **arguments: Any) -> None:
        method(self, **arguments)

    body.__name__ = copy
    return body


Failure = tuple[Violation, Schedule]


@contextmanager
def same_draws_everywhere() -> Iterator[None]:
    """Keep Hypothesis from drawing constants that it reads in the source files around.

    Which files those are depends on how the project is installed and on what else is loaded, so
    that one seed would mean other examples elsewhere. Hypothesis has no setting for that.
    """
    providers: Any = hypothesis_providers  # this is not its public part
    if not hasattr(providers, "_get_local_constants"):  # before 6.131 it did not do so
        yield
        return
    read = providers._get_local_constants
    none = providers.Constants()
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = lambda: none
    try:
        yield
    finally:
        providers._get_local_constants = read
        providers.CONSTANTS_CACHE.cache.clear()


def examples_of_block(
    cluster: Cluster, name: str, examples: int, ignore: frozenset[str]
) -> Failure | None:
    """Examples of the rule machine from the seed `name`: the first failure, not shrunk.

    Shrinking is left to model.runs.shrink, which is faster and gets further.
    """
    machine = seed(Random(name).getrandbits(64))(machine_of(cluster))
    profile = settings(
        PROFILES["ci"],
        max_examples=examples,
        phases=(Phase.generate,),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    try:
        with same_draws_everywhere():
            run_state_machine_as_test(machine, settings=profile)
    except PropertyViolatedError as violated:
        if violated.violation.property == SUBJECT_FAILED and violated.violation.is_among(ignore):
            return None
        return violated.violation, tuple(machine.schedule)
    return None


def tape_test(setup: Setup, profile: settings) -> Callable[[], None]:
    """A test that reads a run off a string of bytes: far more steps than rules give, less to read.

    Hypothesis mutates and shrinks the bytes; the walker's choices give them meaning.
    """
    cluster = setup.cluster()

    @settings(profile)
    @given(tape=st.binary(min_size=100, max_size=600))
    def play(tape: bytes) -> None:
        cluster.reset()
        source = source_of_run(choices_of_tape(tape), cluster)
        for _ in range(len(tape) // 4):
            cluster.apply(source.next_action())

    return play


def choices_of_tape(tape: bytes) -> DrawBelow:
    """Choices off a tape, a byte each; after its end always the simplest one."""
    rest = iter(tape)
    return lambda limit: next(rest, 0) % limit


def run_machine(setup: Setup, profile: settings, shard: str) -> None:
    """Run the rule machine over a new cluster, with a seed of the shard's own.

    What Hypothesis prints is the failing run as a program of rules; the note that is added to
    the exception holds the shortest trace. The frames between the test and the subject say nothing
    more, so pytest does not see them.
    """
    __tracebackhide__ = True
    cluster = setup.cluster()
    machine = seed(Random(f"machine/{shard}").getrandbits(64))(machine_of(cluster))
    try:
        with same_draws_everywhere():
            run_state_machine_as_test(machine, settings=profile)
    except PropertyViolatedError as violated:
        violated.add_note(shortest_trace(cluster, tuple(machine.schedule), violated.violation))
        raise violated.with_traceback(None) from None
    finally:
        cluster.subject.close()


def shortest_trace(cluster: Cluster, schedule: Schedule, violation: Violation) -> str:
    """The trace of the shrunk schedule, or why there is none."""
    try:
        return render(cluster.subject, shrink(cluster, schedule, violation).run)
    except NotReproducedError as error:
        return str(error)
