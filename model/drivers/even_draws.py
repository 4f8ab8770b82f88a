"""Even draws: what Hypothesis takes its choices from while it looks for a failure.

Hypothesis' own generation is made for functions of a few arguments. It draws special numbers more
often than others, and five of six examples are the sixth once more with one part of it repeated.
In a cluster, such a copy mostly does again what did no harm, so that all choices are drawn evenly
here, and every example is a new one. Shrinking is Hypothesis' own.
"""

from typing import Any, Final

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

EVEN: Final = "raft-oracle-even"
"""The name of these draws as a `backend` in Hypothesis' settings."""


class EvenDraws(HypothesisProvider):
    """Draws every whole number between two bounds as often as any other."""

    def draw_integer(
        self, min_value: int | None = None, max_value: int | None = None, **rest: Any
    ) -> int:
        """A number between the bounds, evenly; where one is missing, as Hypothesis draws it."""
        if min_value is None or max_value is None or rest.get("forced") is not None:
            return super().draw_integer(min_value, max_value, **rest)
        assert self._random is not None
        return self._random.randint(min_value, max_value)


AVAILABLE_PROVIDERS[EVEN] = f"{EvenDraws.__module__}.{EvenDraws.__name__}"
