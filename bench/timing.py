"""Fair timing on a noisy machine: contestants take turns, and medians are compared."""

import time
from collections.abc import Callable, Mapping
from statistics import median

from attrs import frozen

Worked = tuple[int, float]
"""How many steps, in how many seconds."""
Work = Callable[[], Worked]


def timed(work: Callable[[], int]) -> Work:
    """Work that returns how many steps it did, with the time that it took."""

    def timed_work() -> Worked:
        started = time.perf_counter()
        steps = work()
        return steps, time.perf_counter() - started

    return timed_work


@frozen
class Measured:
    """Microseconds a step: one figure for each round, and their median."""

    rounds: tuple[float, ...]

    @property
    def microseconds(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def rate(self) -> float:
        """Steps a second."""
        return 1e6 / self.microseconds


def take_turns(contestants: Mapping[str, Work], rounds: int = 5) -> dict[str, Measured]:
    """Let all work in turn, `rounds` times, after one round that does not count."""
    figures: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, work in contestants.items():
            steps, seconds = work()
            if number:
                figures[name].append(1e6 * seconds / max(steps, 1))
    return {name: Measured(tuple(each)) for name, each in figures.items()}


def ratio(one: Measured, other: Measured) -> float:
    """How many times as long a step of `one` takes: the median of the rounds' ratios."""
    return median(mine / yours for mine, yours in zip(one.rounds, other.rounds, strict=True))


def table(results: Mapping[str, Measured], base: str, title: str) -> str:
    """Steps a second, microseconds a step, and the ratio to the contestant `base`."""
    lines = [title, f"  {'':<34} {'steps/s':>10} {'us/step':>9} {'time ratio':>11}"]
    for name, measured in results.items():
        lines.append(
            f"  {name:<34} {measured.rate:>10,.0f} {measured.microseconds:>9.2f} "
            f"{ratio(measured, results[base]):>11.2f}"
        )
    return "\n".join(lines) + "\n"
