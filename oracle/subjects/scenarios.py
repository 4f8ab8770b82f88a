"""Stories that are shipped: schedules as text, by name."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

ENDING: Final = ".raft"


@cache
def scenarios() -> Mapping[str, Traversable]:
    """Every scenario's file by its name."""
    folder = files("oracle").joinpath("scenarios")
    found = (each.name for each in folder.iterdir() if each.name.endswith(ENDING))
    names = sorted(name.removesuffix(ENDING) for name in found)
    return {name: folder.joinpath(f"{name}{ENDING}") for name in names}


def title_of(scenario: Traversable) -> str:
    """What a scenario is about: its first comment."""
    return scenario.read_text("utf-8").splitlines()[0].removeprefix("#").strip()
