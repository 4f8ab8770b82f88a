"""What a hunt says of the findings that are known, which it replays before it begins."""

from collections.abc import Sequence
from pathlib import Path

from oracle.commands.trust import check_known
from oracle.hunting.known_findings import Replayed, replayed
from oracle.hunting.plan import HuntPlan
from oracle.terminal.output import even_if_nobody_listens, print_labelled
from oracle.terminal.progress import counted, reporting


def replay_all(plan: HuntPlan, files: Sequence[Path]) -> tuple[Replayed, ...]:
    """Replay all of them, which may take long, and say what became of each."""
    if not files:
        return ()
    line = f"replaying known findings: {{:,}} of {len(files):,}".format
    with reporting("replaying known findings", line) as report:
        seen = replayed(plan, counted(files, report, often=1), check_known)
    print_replayed(seen)
    return seen


def print_replayed(replayed: Sequence[Replayed]) -> None:
    """A paragraph for each."""
    with even_if_nobody_listens():
        for each in replayed:
            print_labelled(
                f"{each.became.capitalize()}:", f"{each.file}: {replayed_in_words(each)}"
            )


def replayed_in_words(replayed: Replayed) -> str:
    """What became of a known finding, in a sentence."""
    name = replayed.property
    if replayed.became == "elsewhere":
        return "a finding in another subject, which is not replayed."
    if replayed.became == "mended":
        return f"does not break {name} any more: delete it, and keep its regression test."
    broken = ", ".join(f"{each.property} at {each.at}" for each in replayed.violations)
    detail = replayed.violations[0].detail
    if replayed.became == "known":
        return f"still breaks {broken}: {detail}"
    return f"breaks {broken}, not {name} any more: {detail}"
