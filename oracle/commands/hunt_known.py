"""What a hunt says of the findings that are known, which it replays before it begins."""

from collections.abc import Sequence

from oracle.hunting.known_findings import Replayed
from oracle.terminal.output import even_if_nobody_listens, print_labelled


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
