"""Hypothesis rule machines: the same actions, drawn and shrunk by Hypothesis.

A rule is a turn of the walker (machine_turns.py): Hypothesis costs some thirty times what a step of
the reference does, so much has to follow from a rule, and properties are checked inside the step.
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
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from model.actions import Action, Schedule
from model.drivers.action_source import source_of_run
from model.drivers.clients import Planned, drawn
from model.drivers.even_draws import EVEN
from model.drivers.machine_turns import NUMBERS, TURNS, TurnSource, turns
from model.drivers.run_profile import DrawBelow
from model.failures import SUBJECT_FAILED, NotReproducedError, PropertyViolatedError
from model.runs.render import render
from model.runs.shrink import shrink
from model.setup import Setup
from model.world.macro_actions import Cluster
from properties.property import Violation

PROFILES: dict[str, settings] = {
    name: settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        backend=EVEN,
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


class RaftMachine(RuleBasedStateMachine):
    """What the rules do; `machine_of` says which there are."""

    cluster: ClassVar[Cluster]
    empty: ClassVar[bool] = False
    """The twin whose rules do nothing, for measuring what Hypothesis itself costs."""
    schedule: ClassVar[list[Action]] = []
    """The actions of the latest run."""
    source: TurnSource

    def __init__(self) -> None:
        super().__init__()
        type(self).schedule = []
        if not self.empty:
            self.cluster.reset()

    def act(self, action: Action) -> None:
        """Let an action happen; a violation ends the run."""
        if not self.empty:
            self.schedule.append(action)
            self.cluster.apply(action)

    def begin(self, number: int) -> None:
        """How the run behaves: who leads in turn, who lags, and how often each action occurs."""
        self.source = TurnSource(self.cluster, number)

    def play(self, steps: list[Planned]) -> None:
        """The steps of a turn, one after the other."""
        for step in steps:
            self.act(drawn(step))

    def lead(self, steps: list[Planned]) -> None:
        """A turn in which a server leads, while others lag, or do not hear of their successor."""
        self.play(steps)

    def wander(self, steps: list[Planned]) -> None:
        """A single action, or an election after some time."""
        self.play(steps)


def machine_of(cluster: Cluster, empty: bool = False) -> type[RaftMachine]:
    """The rule machine over this cluster, or its empty twin."""
    if empty:
        cluster.reset()
    bodies: dict[str, Any] = {name: rule(steps=turns(name))(body_of(name)) for name in TURNS}
    bodies["begin"] = initialize(number=NUMBERS)(body_of("begin"))
    return type("RaftMachine", (RaftMachine,), {**bodies, "cluster": cluster, "empty": empty})


def body_of(name: str) -> Callable[..., None]:
    """A rule's body as a function of its own: Hypothesis marks it."""
    method = getattr(RaftMachine, name)

    @wraps(method)
    def body(self: RaftMachine, **arguments: Any) -> None:
        method(self, **arguments)

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
