"""The labs of examples/labs, and the mistakes that are listed beside each."""

import shutil
import tomllib
from pathlib import Path
from typing import Final, Literal

import msgspec

from tests.sources import ROOT

LABS: Final = ROOT / "examples" / "labs"
"""A Go module; each folder in it with a list of mistakes is a lab."""
NAMES: Final = tuple(sorted(path.parent.name for path in LABS.glob("*/mistakes.toml")))


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of a mistakes.toml: `old`, found once in a file of the lab, becomes `new`."""

    name: str
    summary: str
    note: str
    """What in the notes leads to it, in other words."""
    breaks: str
    """The property or the rule that a hunt reports: the unsafe one, if any."""
    part: Literal["3A", "3B", "3C", "3D"]
    """The first part of the lab in which it shows."""
    length: int
    """The most steps that its shrunk schedule takes."""
    servers: int = 3
    file: str
    old: str
    new: str


class List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a mistakes.toml says."""

    mistake: tuple[Mistake, ...]


def mistakes_of(lab: str) -> tuple[Mistake, ...]:
    """The mistakes listed beside a lab."""
    text = (LABS / lab / "mistakes.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), List).mistake


ALL: Final = tuple((lab, mistake) for lab in NAMES for mistake in mistakes_of(lab))
"""Every mistake with its lab."""


def title(value: object) -> str:
    """How a test is called that is about a lab, or about a mistake."""
    return value.name if isinstance(value, Mistake) else str(value)


def copy_of(module: Path) -> Path:
    """A copy of the whole module, to plant mistakes in."""
    shutil.copytree(LABS, module)
    return module


def plant(mistake: Mistake, lab: Path) -> None:
    """Put a mistake into a copy of its lab."""
    file = lab / mistake.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mistake.old) == 1
    file.write_text(text.replace(mistake.old, mistake.new), encoding="utf-8")
