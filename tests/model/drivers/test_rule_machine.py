"""The rule machines as tests: the reference survives them, and alone they catch the mutants.

RAFT_ORACLE_PROFILE names the profile: dev, ci, or nightly. Without it, ci where CI is set.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers as hypothesis_providers
from hypothesis.stateful import run_state_machine_as_test

from model.actions import ClientRequest, Deliver, Elect
from model.drivers.machine_turns import TurnSource
from model.drivers.rule_machine import (
    PROFILES,
    choices_of_tape,
    examples_of_block,
    machine_of,
    run_machine,
    same_draws_everywhere,
    tape_test,
)
from model.failures import SUBJECT_FAILED, PropertyViolatedError
from model.mutants import MUTANTS
from model.reference.cluster import ReferenceFactory
from model.runs.run import run
from model.setup import Setup
from model.subject import NetworkKind
from properties.checker import PROPERTIES
from raft_core import s1, s2
from tests.model.fakes import drawn_setup_of, noted, reference_cluster, setup_of

CI_VARIABLES = ("CI", "GITHUB_ACTIONS", "TF_BUILD")
ROOT = Path(__file__).resolve().parents[3]


def profile_named_in(environment: Mapping[str, str]) -> str:
    """The name of the profile that the environment asks for."""
    return environment.get("RAFT_ORACLE_PROFILE") or ("ci" if environment.get("CI") else "dev")


PROFILE = PROFILES[profile_named_in(os.environ)]
providers: Any = hypothesis_providers
"""It is not a public part: its names are checked here by hand."""
SHARDS = ("a", "b", "c", "d")
"""A shard has a seed of its own, and is a test of its own, so that tests run side by side."""

BEYOND_REACH = frozenset(
    {
        "change-before-own-commit",
        "non-voter-counts-itself",
        "snapshot-complete-by-flag",
        "snapshot-drops-suffix",
        "vote-replies-counted",
    }
)
"""What the ci profile misses from this seed; `make nightly` looks for these in more examples.

From other seeds the ci profile finds `snapshot-complete-by-flag` (shard 2). 3,400 examples of four
seeds had no `snapshot-drops-suffix`: a snapshot that was sent in vain has to arrive once its
receiver's later entry is committed, and before it knows that the snapshot's last one is.
`change-before-own-commit` and `vote-replies-counted`, which want five servers and seven, were
caught until answers came too late by design, and `non-voter-counts-itself` until turns asked their
own leader for changes.
"""
CAUGHT = [mutant.name for mutant in MUTANTS if mutant.name not in BEYOND_REACH]
"""What they catch from this seed."""

TELL_PROFILES = """
from model.drivers.rule_machine import PROFILES
for name, profile in PROFILES.items():
    print(name, profile)
"""


def quiet(profile: settings) -> settings:
    """The profile without shrinking, and without a word."""
    return settings(profile, phases=(Phase.generate,), verbosity=Verbosity.quiet, print_blob=False)


def play_tape(setup: Setup, profile: settings) -> None:
    """Run the test of the tape from a seed that is always the same."""
    seed(1)(tape_test(setup, profile))()


def only(setup: Setup, name: str) -> Setup:
    """The setup with one property alone."""
    ignore = frozenset(each.name for each in PROPERTIES if each.name != name)
    return evolve(setup, ignore=ignore)


def reference(servers: int) -> Setup:
    """The reference with so many servers on the worst network."""
    return Setup(factory=ReferenceFactory(), servers=servers, network="any")


@pytest.mark.parametrize("shard", SHARDS)
@pytest.mark.parametrize("servers", [3, 5])
def test_reference_survives_the_rule_machine(servers: int, shard: str) -> None:
    """No property fails, whatever rules Hypothesis draws."""
    run_machine(reference(servers), PROFILE, f"{servers}/{shard}")


@pytest.mark.parametrize("network", ["any", "fifo"])
@pytest.mark.parametrize("servers", [1, 3, 5])
def test_reference_survives_the_tape(servers: int, network: NetworkKind) -> None:
    """No property fails, whatever bytes Hypothesis draws."""
    setup = Setup(factory=ReferenceFactory(), servers=servers, network=network)
    play_tape(setup, PROFILE)


@pytest.mark.parametrize("servers", [1, 2])
def test_reference_survives_in_the_smallest_clusters(servers: int) -> None:
    """A lone server, and two, have every rule too."""
    run_machine(reference(servers), PROFILES["dev"], f"{servers}")


def test_most_mutants_are_to_be_caught() -> None:
    """The rule machine is held to this with the ci profile's budget, and to 21 of Figure 2's.

    Late answers by design cost two of the first 66 from this seed, and gave one.
    """
    assert len(CAUGHT) >= 104
    assert sum(mutant.number <= 66 for mutant in MUTANTS if mutant.name in CAUGHT) >= 62
    assert sum(mutant.number <= 22 for mutant in MUTANTS if mutant.name in CAUGHT) >= 21
    assert (PROFILES["ci"].max_examples, PROFILES["ci"].stateful_step_count) == (800, 50)


@pytest.mark.parametrize("name", CAUGHT)
def test_rule_machine_alone_catches_mutant(name: str) -> None:
    """One run of the machine, with the budget of the ci profile, breaks some property."""
    cluster = drawn_setup_of(name).cluster()
    found = examples_of_block(cluster, "shard/0", PROFILES["ci"].max_examples, frozenset())
    assert found is not None
    violation, schedule = found
    assert run(cluster, schedule).violation == violation


@pytest.mark.skipif(PROFILE is not PROFILES["nightly"], reason="`make nightly` looks for these")
@pytest.mark.parametrize("name", sorted(BEYOND_REACH))
def test_nightly_depth_catches_the_rest(name: str) -> None:
    """What takes more examples than the ci profile has."""
    cluster, examples = setup_of(name).cluster(), PROFILES["nightly"].max_examples
    assert examples_of_block(cluster, "shard/0", examples, frozenset()) is not None


def test_catching_is_deterministic() -> None:
    """The seed's name decides what is found."""
    founds = [
        examples_of_block(setup_of("half-elects").cluster(), "shard/7", 300, frozenset())
        for _ in range(2)
    ]
    assert founds[0] is not None
    assert founds[0] == founds[1]


def test_reference_gives_a_block_without_a_failure() -> None:
    """Nothing is found where nothing is wrong."""
    assert examples_of_block(reference_cluster(), "shard/0", 20, frozenset()) is None


@pytest.mark.parametrize("name", ["double-vote", "commits-older-term", "floor-half-commits"])
def test_tape_catches_mutant(name: str) -> None:
    """Bytes reach what rules reach."""
    with pytest.raises(PropertyViolatedError):
        play_tape(setup_of(name), quiet(PROFILES["ci"]))


def test_own_term_commits_are_seen_in_nightly_depth() -> None:
    """An older term's entry committed by counting is caught as soon as it happens."""
    setup = only(setup_of("commits-older-term"), "OwnTermCommits")
    with pytest.raises(PropertyViolatedError, match="OwnTermCommits"):
        run_machine(setup, quiet(PROFILES["nightly"]), "figure-8")


def test_figure_8_is_reached_in_nightly_depth() -> None:
    """The same mistake, seen only by what it costs: a committed entry that a leader lacks."""
    setup = only(setup_of("commits-older-term"), "LeaderCompleteness")
    with pytest.raises(PropertyViolatedError, match="LeaderCompleteness"):
        play_tape(setup, quiet(PROFILES["nightly"]))


def test_failure_holds_the_program_of_rules_and_the_shortest_trace() -> None:
    """What pytest prints of a failing machine can be run again, and read."""
    with pytest.raises(PropertyViolatedError) as caught:
        run_machine(setup_of("floor-half-commits"), PROFILES["ci"], "told")
    notes = "\n".join(caught.value.__notes__)
    assert "state = RaftMachine()" in notes
    assert "Elect(server=s" in notes
    assert "CommittedOnQuorum violated at step 4: " in notes
    assert "client -> S" in notes


def test_failure_of_the_subject_is_found_and_may_be_ignored() -> None:
    """A subject that raises fails the machine, unless that is not held against it."""
    world = noted()
    world.subject.raises["heartbeat_timeout"] = ValueError("broken")
    found = examples_of_block(world.cluster, "x", 50, frozenset())
    assert found is not None
    assert found[0].property == SUBJECT_FAILED
    assert examples_of_block(world.cluster, "x", 50, frozenset({SUBJECT_FAILED})) is None


def test_empty_twin_does_nothing() -> None:
    """It has the same rules, and measures what Hypothesis itself costs."""
    world = noted()
    machine = machine_of(world.cluster, empty=True)
    world.subject.calls.clear()
    run_state_machine_as_test(machine, settings=settings(quiet(PROFILES["dev"]), max_examples=5))
    assert world.subject.calls == []
    assert machine.schedule == []


@pytest.mark.parametrize("variable", CI_VARIABLES)
def test_profiles_do_not_change_in_continuous_integration(variable: str) -> None:
    """Hypothesis has defaults of its own there; every field is set here."""
    told = []
    for value in (None, "true"):
        environment = {key: text for key, text in os.environ.items() if key not in CI_VARIABLES}
        environment["PYTHONPATH"] = str(ROOT)
        if value is not None:
            environment[variable] = value
        command = [sys.executable, "-c", TELL_PROFILES]
        told.append(
            subprocess.run(command, env=environment, check=True, capture_output=True).stdout
        )
    assert told[0] == told[1]
    assert b"max_examples=800" in told[0]


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "dev"),
        ({"CI": "1"}, "ci"),
        ({"CI": ""}, "dev"),
        ({"RAFT_ORACLE_PROFILE": "nightly", "CI": "1"}, "nightly"),
    ],
)
def test_environment_names_the_profile(environment: dict[str, str], name: str) -> None:
    """The quick one is the default, and continuous integration gets the thorough one."""
    assert profile_named_in(environment) == name


def test_profiles_grow() -> None:
    """From dev to nightly every example is as long or longer, and there are more of them."""
    examples = [PROFILES[name].max_examples for name in ("dev", "ci", "nightly")]
    steps = [PROFILES[name].stateful_step_count for name in ("dev", "ci", "nightly")]
    assert examples == sorted(set(examples))
    assert steps == sorted(steps)


def plainest(settings: Mapping[str, str], kind: str) -> str:
    """The steps of a turn of this kind whose number is 0, in an example whose number is 0."""
    cluster = reference_cluster(settings=settings)
    cluster.reset()
    source = TurnSource(cluster, 0)
    source.read_off(0)
    return repr(getattr(source, kind)())


def test_simplest_turn_comes_first() -> None:
    """Hypothesis shrinks a turn towards the number 0: a lone election, or a late message."""
    assert plainest({}, "lead") == repr([Elect(s2, (s1,))])
    assert plainest({}, "wander") == repr([Deliver(s1, s2)])


def test_tape_is_read_byte_by_byte() -> None:
    """Each choice takes one byte; after the end all choices are the simplest."""
    draw_below = choices_of_tape(bytes([7, 2, 255]))
    assert [draw_below(limit) for limit in (5, 5, 256, 5, 9)] == [2, 2, 255, 0, 0]


def test_requests_of_one_run_differ() -> None:
    """Every command is a new one, also where several rules make requests."""
    cluster = reference_cluster()
    commands: list[str] = []
    machine = machine_of(cluster)

    class Watching(machine):  # type: ignore[valid-type, misc]  # made at run time
        """Looks at the schedule of each example when it ends."""

        def teardown(self) -> None:
            """Collect the commands of one example."""
            found = [each.command for each in self.schedule if isinstance(each, ClientRequest)]
            assert len(set(found)) == len(found)
            commands.extend(found)

    run_state_machine_as_test(Watching, settings=settings(quiet(PROFILES["dev"]), max_examples=20))
    assert commands


def test_choices_are_drawn_evenly() -> None:
    """Each number is as likely as any other, and no example is a copy of another."""
    drawn: Counter[int] = Counter()

    @seed(1)
    @settings(quiet(PROFILES["ci"]), max_examples=400)
    @given(number=st.integers(0, 3))
    def count_number(number: int) -> None:
        drawn[number] += 1

    count_number()
    assert sum(drawn.values()) == 400
    assert all(70 <= times <= 130 for times in drawn.values())


def test_private_names_of_hypothesis_are_still_what_they_were() -> None:
    """Where this fails, Hypothesis has changed inside, and a seed may mean other examples.

    `same_draws_everywhere` in model/drivers/rule_machine.py replaces these names, so that no
    constants of source files are drawn. Look in hypothesis/internal/conjecture/providers.py for
    what draws them now, replace that, and see that test_catching_is_deterministic and the stored
    figures of CAUGHT hold. Where there is no longer anything to replace, drop the function.
    """
    assert callable(providers._get_local_constants)
    assert callable(providers.CONSTANTS_CACHE.cache.clear)
    assert isinstance(providers._get_local_constants(), providers.Constants)
    with same_draws_everywhere():
        assert providers._get_local_constants() == providers.Constants()
