"""The labs of tests/data/labs: right ones in many shapes, and what is planted in copies of them.

Beside a lab, mistakes.toml lists mistakes that students make, variations.toml other ways to be
right, and failures.toml ways to fail that have nothing to do with Raft. A hunt of any of them is a
command, as a student types it.
"""

import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec
from attrs import frozen

from tests.oracle.command import raft_oracle
from tests.sources import ROOT

LABS: Final = ROOT / "tests" / "data" / "labs"
NAMES: Final = tuple(sorted(path.name for path in LABS.iterdir() if path.is_dir()))
PATIENT: Final = os.environ.get("RAFT_ORACLE_PROFILE") == "nightly"
"""Whether every mistake is hunted, and right labs for long."""
HUNT_SECONDS: Final = 600
"""No hunt of a test takes longer, on a machine that has much else to do."""


class Mistake(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of a mistakes.toml: `old`, found once in a file of the lab, becomes `new`."""

    name: str
    summary: str
    breaks: str
    """The property or the rule that a hunt reports: the unsafe one, if any."""
    part: Literal["3A", "3B", "3C", "3D"]
    """The first part of the lab in which it shows."""
    length: int
    """The most steps that its shrunk schedule takes."""
    servers: int = 3
    settings: dict[str, str] = {}
    file: str
    old: str
    new: str


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text, found once in a file of a lab, and what is put in its place."""

    file: str
    old: str
    new: str


class Variation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of a variations.toml: another way to be right."""

    name: str
    summary: str
    finds: dict[str, str] = {}
    """Lines of --explain that say what is found in it, by how they begin."""
    edits: tuple[Edit, ...]


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of a failures.toml: a file of Go that is added, and where it is called."""

    name: str
    summary: str
    at: Literal["making", "winning", "voting", "nowhere"]
    """When a server of the lab calls it: in Make, on winning an election, when asked for a vote."""
    code: int
    """The exit code of a hunt."""
    says: str
    """What the hunt prints, in one line."""
    source: str
    """The file, with {folder} for a folder that is not the lab's."""


def listed(lab: str, name: str) -> list[Mapping[str, object]]:
    """The entries of a list beside a lab; none where there is no such list."""
    path = LABS / lab / f"{name}s.toml"
    found: list[Mapping[str, object]] = []
    if path.exists():
        found = tomllib.loads(path.read_text(encoding="utf-8"))[name]
    return found


MISTAKES: Final = tuple(
    (lab, msgspec.convert(entry, Mistake)) for lab in NAMES for entry in listed(lab, "mistake")
)
"""Every mistake with its lab."""
VARIATIONS: Final = tuple(
    (lab, msgspec.convert(entry, Variation)) for lab in NAMES for entry in listed(lab, "variation")
)
"""Every variation with its lab."""
FAILING: Final = "elections_2023"
"""The lab in which failures are planted: the smallest."""
FAILURES: Final = tuple(msgspec.convert(entry, Failure) for entry in listed(FAILING, "failure"))
CALLED: Final = {
    "making": ("\tgo rf.ticker()\n", "\tfail(rf)\n\tgo rf.ticker()\n"),
    "winning": ("\t\t\trf.state = LEADER\n", "\t\t\trf.state = LEADER\n\t\t\tfail(rf)\n"),
    "voting": (
        "\treply.Term = rf.term\n\tif args.",
        "\tfail(rf)\n\treply.Term = rf.term\n\tif args.",
    ),
}
"""What becomes of the lab's raft.go where a failure is called."""


def title(value: object) -> str:
    """How a test is called that is about a lab, or about what is planted in one."""
    return value.name if isinstance(value, Mistake | Variation | Failure) else str(value)


def raft_of(lab: Path) -> Path:
    """The directory that a student hunts in: the lab's package raft."""
    later = lab / "src" / "raft1"
    return later if later.exists() else lab / "src" / "raft"


def replaced(file: Path, old: str, new: str) -> None:
    """Put one text into the place of another, which is there exactly once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def with_mistake(lab: str, mistake: Mistake, copy: Path) -> Path:
    """The directory to hunt in, in a copy of a lab that makes a mistake."""
    shutil.copytree(LABS / lab, copy)
    replaced(copy / mistake.file, mistake.old, mistake.new)
    return raft_of(copy)


def with_variation(lab: str, variation: Variation, copy: Path) -> Path:
    """The directory to hunt in, in a copy of a lab that does something in another way."""
    shutil.copytree(LABS / lab, copy)
    for edit in variation.edits:
        replaced(copy / edit.file, edit.old, edit.new)
    return raft_of(copy)


def with_failure(failure: Failure, copy: Path, folder: Path) -> Path:
    """The directory to hunt in, in a copy of a lab that fails."""
    shutil.copytree(LABS / FAILING, copy)
    raft = raft_of(copy)
    if failure.at in CALLED:
        replaced(raft / "raft.go", *CALLED[failure.at])
    source = failure.source.replace("{folder}", str(folder))
    (raft / "failure.go").write_text(source, encoding="utf-8")
    return raft


@frozen
class Hunted:
    """How a hunt ended, and all that it printed."""

    code: int
    text: str

    def says(self, what: str) -> str:
        """What a line says that begins with this word, as those of --explain do."""
        line = next(line for line in self.text.splitlines() if line.startswith(f"{what}:"))
        return line.partition(":")[2].strip()

    @property
    def lengths(self) -> Mapping[str, int]:
        """How many steps each finding takes that the report tells of."""
        unsafe = re.findall(r"^(\w+) violated at step (\d+)", self.text, flags=re.MULTILINE)
        untidy = re.findall(r"^(\w+) in (\d+) steps, untidy", self.text, flags=re.MULTILINE)
        return {name: int(steps) for name, steps in (*untidy, *unsafe)}


def hunt(cwd: Path, raft: Path, *words: str) -> Hunted:
    """Hunt in a directory, as a student does who stands in `cwd`."""
    done = raft_oracle(cwd, "hunt", str(raft), *words, seconds=HUNT_SECONDS)
    return Hunted(done.code, done.out + done.err)


def files_in(folder: Path) -> Mapping[str, bytes]:
    """All files below a folder with their content, to be compared with what is there later."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
