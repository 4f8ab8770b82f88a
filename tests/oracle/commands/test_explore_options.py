"""What may be asked of `raft-oracle explore`: each wrong word is refused in one line."""

from pathlib import Path

import click
import pytest

from model.explorer.running.specification import ExecutionOptions
from model.explorer.systems.budgets import SPENT
from oracle.commands.explore import announce, explore_command
from oracle.commands.explore_options import (
    BOUND_HELP,
    EXCLUSIONS,
    KEPT_ON_RESUME,
    read_memory,
    total_memory,
    typed,
)
from oracle.terminal.usage import UsageError

NAMES = {each.name for each in explore_command.params if isinstance(each, click.Option)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--max-term", "0"], "max-term: found 0, expected at least 1"),
        (["--restarts=-1"], "restarts: found -1, expected at least 0"),
        (["--servers", "10"], "servers: found 10, expected 1 to 9"),
        (["--servers", "8"], "--no-symmetry"),
        (["--model", "raft.tla", "--values=-1"], "values: found -1, expected at least 0"),
        (["--memory", "lots"], "memory: found 'lots', expected a size"),
        (["--mutant", "none"], "mutant: found 'none'"),
        (["--mutant", "rewrites-suffix"], "not explored"),
        (["--property", "Nonsense"], "property: found 'Nonsense'"),
        (["--property", "Linearizable"], "not checked here (not explored: client histories)"),
        (["--property", "Progress"], "found 'Progress', which is not checked here, expected"),
        (["--property", "VoteOnce", "--ignore", "VoteOnce"], "found 'VoteOnce', which is not"),
        (["--property", "VoteOnce", "--liveness"], "property: found it with --liveness"),
        (["--model", "raft.tla", "--liveness"], "liveness: found it with raft.tla"),
        (["--resume", "nowhere", "--property", "VoteOnce"], "property: found it beside --resume"),
        (["--set", "disk_faults=on"], "disk_faults"),
        (["--set", "nonsense=1"], "nonsense"),
        (["--resume", "nowhere"], "nowhere: found no manifest.json"),
        (["--resume", "nowhere", "--max-term", "3"], "max-term: found it beside --resume"),
        (["--engine", "reference", "--checkpoint", "kept"], "checkpoint: found it with --engine"),
        (["--interval", "0"], "interval: found 0"),
        (["--checkpoint", "/proc/nothing"], "/proc/nothing"),
        (["--workers", "0"], "workers: found 0"),
        (["--workers", "9" * 20], "expected 1 to 1024"),
        (["--out", "/dev/null"], "out: found /dev/null, which is no folder"),
        (["--ticks", "1"], "ticks: found 1 without a clock"),
        (["--simulate", "0"], "simulate: found 0"),
        (["--simulate", "9" * 400], "999, expected less than 2^62"),
        (["--simulate", "9", "--liveness"], "liveness: found it with --simulate"),
        (["--cluster", "nonsense"], "nonsense"),
    ],
)
def test_wrong_words_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], expected: str
) -> None:
    """One line that says what was found and what was expected."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        explore_command.main(words, standalone_mode=False)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_who_waits_for_other_machines_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """At once: for whom, for what, and for how long; on this machine there is nothing to tell."""
    announce(ExecutionOptions(cluster="tcp://there:1\x1b[2J", workers=2))
    said = capsys.readouterr().err
    assert said == (
        "explorer: asking the scheduler at tcp://there:1?[2J for 2 workers: waiting 10 s for its "
        "answer, and 30 s until it has them\n"
    )
    announce(ExecutionOptions(cluster="local"))
    announce(ExecutionOptions())
    assert capsys.readouterr().err == ""


def test_every_bound_has_its_option() -> None:
    """A bound without help could not be asked for."""
    assert set(BOUND_HELP) == set(SPENT)
    assert set(SPENT) <= NAMES


def test_rules_about_options_name_options() -> None:
    """A name that no option has would never apply."""
    excluded = {name for others in EXCLUSIONS.values() for name in others}
    leading = {mode.partition(" ")[0] for mode in EXCLUSIONS}
    assert excluded | leading | KEPT_ON_RESUME <= NAMES


@pytest.mark.parametrize("name", sorted(map(str, NAMES)))
def test_options_are_named_as_they_are_typed(name: str) -> None:
    """Errors name an option by the word after its dashes."""
    words = {each.name: each.opts for each in explore_command.params}
    assert f"--{typed(name)}" in words[name]


def test_sizes_are_read() -> None:
    """With their units, and nothing else."""
    assert read_memory("8GiB") == 8 * 2**30
    assert read_memory("1.5GB") == 1_500_000_000
    with pytest.raises(UsageError, match="expected a size"):
        read_memory("8")


def test_memory_without_a_size_is_a_share_of_the_machines() -> None:
    """Something, and less than all."""
    assert 0 < read_memory(None) < total_memory()
