"""Findings that are known: they are replayed before a hunt, which then goes on past them.

A user's lie in a folder, as schedules that hunts have saved; those of a bridge are listed by its
bridge.toml. What is known is known by its shape: the same property, broken at another kind of step,
is a finding of its own. What is untidy is known by its property, as in a hunt that goes on past it.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import evolve, frozen

from model.actions import Schedule
from model.failures import NotReproducedError
from model.schedule import SavedSchedule
from model.target import Target
from oracle.bridging.description import known_findings
from oracle.formats.schedule_file import read_schedule
from oracle.hunting.plan import HuntPlan, make_plan
from oracle.hunting.play_safely import play_safely
from oracle.hunting.severity import known_as
from oracle.subjects.naming import absolute
from oracle.terminal.usage import UsageError
from properties.property import Violation

FOLDER: Final = Path("raft-oracle-known")
"""Where known findings are looked for, in the folder in which a hunt is started."""
MOST_NAMES: Final = 8
"""By so many names one finding is known at most."""
Became: TypeAlias = Literal["known", "mended", "changed", "elsewhere"]
"""What came of a known finding.

`known`: it fails as it did. `mended`: it does not fail. `changed`: it breaks something else.
`elsewhere`: it is a finding in another subject, and is not replayed.
"""


@frozen
class KnownShape:
    """What a hunt goes past because it is known: what is ignored, and where it is explained."""

    word: str
    where: str

    @property
    def property(self) -> str:
        """What is broken."""
        return self.word.partition("@")[0]


@frozen
class Replayed:
    """A known finding of the user's, and what became of it."""

    file: Path
    property: str
    became: Became
    violations: tuple[Violation, ...] = ()
    """What it breaks by now, the first one first: a rule and a property may break in one step."""

    def known(self) -> tuple[KnownShape, ...]:
        """What the hunt goes past, if it still fails as it did."""
        if self.became != "known":
            return ()
        return tuple(KnownShape(known_as(each), str(self.file)) for each in self.violations)


def known_of_bridge(subject: str, mutant: str | None) -> tuple[KnownShape, ...]:
    """What is known of a bridge's library as it is."""
    return tuple(KnownShape(each.breaks, each.page) for each in known_findings(subject, mutant))


def files_in(folder: Path | None) -> tuple[Path, ...]:
    """The files of known findings, in alphabetical order; UsageError where a folder has none."""
    if folder is None:
        return tuple(sorted(FOLDER.glob("*.json")))
    if not folder.is_dir():
        raise UsageError(f"known: found no folder {folder}, expected one with saved schedules")
    found = tuple(sorted(folder.glob("*.json")))
    if not found:
        raise UsageError(f"known: found no *.json in {folder}, expected saved schedules")
    return found


def replayed(
    plan: HuntPlan, files: Iterable[Path], check: Callable[[Target, Path], None]
) -> tuple[Replayed, ...]:
    """Replay known findings of a plan's subject; UsageError where one cannot be replayed.

    `check` raises one where what a finding is to be replayed on must not be run.
    """
    return tuple(replay_one(plan, file, saved_in(file), check) for file in files)


def saved_in(file: Path) -> SavedSchedule:
    """The schedule of a known finding, which has to say what it breaks."""
    if file.exists() and not file.is_file():  # a pipe, say, whose end nobody would see
        raise UsageError(f"schedule {file}: found no plain file, expected a saved schedule")
    saved = read_schedule(file)
    if saved.property is None:
        raise UsageError(f"schedule {file}: property: found null, expected what it breaks")
    return saved


def replay_one(
    plan: HuntPlan, file: Path, saved: SavedSchedule, check: Callable[[Target, Path], None]
) -> Replayed:
    """What became of one known finding, with the subject as it is now."""
    target = saved.target
    assert saved.property is not None
    named = absolute(plan.target.subject)
    if (absolute(target.subject), target.mutant) != (named, plan.target.mutant):
        return Replayed(file, saved.property, "elsewhere")
    check(target, file)
    try:
        again = make_plan(evolve(target, subject=plan.target.subject))
    except UsageError as error:
        raise UsageError(f"schedule {file}: {error}") from None
    try:
        violations = violations_of(again, saved.actions)
    except NotReproducedError as error:
        raise NotReproducedError(f"schedule {file}: {error}") from None
    except UsageError as error:  # a run that has no end in sight
        raise UsageError(f"schedule {file}: {str(error).removeprefix('schedule: ')}") from None
    if not violations:
        return Replayed(file, saved.property, "mended")
    is_same = violations[0].property == saved.property
    return Replayed(file, saved.property, "known" if is_same else "changed", violations)


def violations_of(plan: HuntPlan, schedule: Schedule) -> tuple[Violation, ...]:
    """All that a schedule breaks, one after the other, past what it broke before."""
    found: list[Violation] = []
    while len(found) < MOST_NAMES:
        violation = play_safely(plan, schedule).violation
        if violation is None:
            break
        found.append(violation)
        if violation.cause is not None:
            break  # the subject failed, and there is no going on past that
        plan = plan_past_known(plan, [known_as(violation)])
    return tuple(found)


def known_by(replayed: Sequence[Replayed]) -> tuple[KnownShape, ...]:
    """All that replayed findings are known by."""
    return tuple(word for each in replayed for word in each.known())


def plan_past_known(plan: HuntPlan, names: Iterable[str]) -> HuntPlan:
    """The plan of a hunt that goes past what is known by these names."""
    ignored = plan.target.ignore | {*names}
    return evolve(plan, target=evolve(plan.target, ignore=ignored))
