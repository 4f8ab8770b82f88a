"""The rule machine against its twin: the same rules and arguments, with bodies that do nothing."""

from hypothesis import Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from bench.timing import Measured, Work, take_turns, timed
from bench.walker import new_cluster
from model.drivers.rule_machine import PROFILES, machine_of
from model.reference.cluster import ReferenceFactory
from properties.checker import PROPERTIES

EXAMPLES, STEPS = 60, 50


def examples(servers: int, empty: bool) -> Work:
    """Examples of the machine; a step is a rule that runs, and both run the same ones."""
    cluster = new_cluster(ReferenceFactory(), servers, PROPERTIES)
    machine = seed(0)(machine_of(cluster, empty))
    profile = settings(
        PROFILES["ci"],
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        phases=(Phase.generate,),
        verbosity=Verbosity.quiet,
    )

    def work() -> int:
        run_state_machine_as_test(machine, settings=profile)
        return EXAMPLES * STEPS

    return timed(work)


def measure(servers: int = 3) -> dict[str, Measured]:
    """The machine and its twin in turn."""
    return take_turns(
        {
            "rule machine": examples(servers, empty=False),
            "the same rules, empty bodies": examples(servers, empty=True),
        }
    )
