"""A hunt that goes on past what it finds: past what is only untidy, or past everything.

What was found is kept, and from then on ignored; the block of runs in which it was found is done
again, and the rest of the budget follows. So the findings depend on the seed alone, as those of a
hunt that ends at the first one do, as long as the budget counts steps.

What is untidy is told once for each property. What is unsafe is told once for each shape: another
bug may break the same property at another kind of step.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeAlias

from attrs import evolve, frozen

from model.subject import observes_with
from oracle.hunting.findings import Artefacts
from oracle.hunting.known_findings import KnownShape, Replayed, plan_past_known
from oracle.hunting.parallel_hunt import Budget, Outcome, Report, Tell, hunt, tell_nobody
from oracle.hunting.plan import HuntPlan
from oracle.hunting.severity import Severity, known_as, severity_of, waste_in, wrong_guess_in
from oracle.hunting.shrink_effort import Effort
from oracle.processes.process_pool import Died, ProcessPool
from oracle.processes.signals import SignalledError, interruptible
from oracle.store.result_folder import Store
from properties.property import Violation

FIELDS: Final = "fields"
"""The setting that corrects what was learned of a lab's fields."""


@frozen(kw_only=True)
class Finding:
    """A violation that was found and shrunk, and where its files are."""

    artefacts: Artefacts
    folder: Path | None

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return severity_of(self.artefacts.violation)


@frozen(kw_only=True)
class Hunted:
    """How a hunt ended, and what it has passed on its way."""

    plan: HuntPlan
    """The plan as it was at the end: it goes past all that was passed."""
    outcome: Outcome
    passed: tuple[Finding, ...] = ()
    known: tuple[KnownShape, ...] = ()
    """What it went past because it was known before."""
    replayed: tuple[Replayed, ...] = ()
    """What became of the findings that were known before."""

    @property
    def changed(self) -> tuple[Replayed, ...]:
        """Known findings that break something else by now."""
        return tuple(each for each in self.replayed if each.became == "changed")

    @property
    def is_unsafe(self) -> bool:
        """Whether anything that was found is unsafe."""
        return any(each.severity is Severity.UNSAFE for each in self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found: what is unsafe first, and else as it was found."""
        found = self.passed
        if self.outcome.artefacts is not None:
            last = Finding(artefacts=self.outcome.artefacts, folder=self.outcome.folder)
            found = (*found, last)
        return tuple(sorted(found, key=lambda each: each.severity is not Severity.UNSAFE))


Past: TypeAlias = Literal["nothing", "untidy", "everything"]
"""What a hunt goes on past."""


def goes_past(past: Past, violation: Violation) -> bool:
    """Whether a hunt goes on past a violation."""
    is_untidy = severity_of(violation) is Severity.UNTIDY
    return past == "everything" or (past == "untidy" and is_untidy)


def hunt_on(
    plan: HuntPlan,
    budget: Budget,
    workers: int,
    store: Store,
    report: Report,
    past: Past = "untidy",
    tell_passed: Callable[[Finding], None] = lambda finding: None,
    tell: Tell = tell_nobody,
    below: str = ".",
) -> Hunted:
    """Hunt until a violation that ends the hunt, or the end of the budget.

    `tell` is called with what is found, before it is shrunk, and `tell_passed` with each finding
    that the hunt goes past. Files go into a folder `below` that of the store.
    """

    def keep(artefacts: Artefacts, found: Violation) -> Path | None:
        folder = f"{below}/{folder_of(found)}" if goes_past(past, found) else below
        return store.write_made(artefacts.files_in, folder)

    def effort(found: Violation) -> Effort:
        kind = plan.effort.passing if goes_past(past, found) else plan.effort.ending
        return kind(budget.seconds)

    passed: list[Finding] = []
    start = None
    while True:
        outcome = hunt(plan, budget, workers, keep, report, start, tell, effort)
        artefacts, found, start = outcome.artefacts, outcome.found, outcome.rest
        beyond = None
        is_passed = found is not None and start is not None and goes_past(past, found)
        if artefacts is not None and found is not None and is_passed:
            try:
                beyond = plan_past(plan, artefacts.violation, found)
            except SignalledError:
                outcome = evolve(outcome, interrupted=True)
        if artefacts is None or beyond is None:
            return Hunted(plan=plan, outcome=outcome, passed=tuple(passed))
        plan = beyond
        passed.append(Finding(artefacts=artefacts, folder=outcome.folder))
        tell_passed(passed[-1])


def folder_of(violation: Violation) -> str:
    """The folder, below that of the hunt, of a finding that the hunt goes past."""
    severity = severity_of(violation)
    if guess := wrong_guess_in(violation):
        name = f"WrongGuess-{guess}"
    elif waste := waste_in(violation):
        name = waste.name
    else:
        name = known_as(violation).replace("@", "-")
    return f"{severity.value}/{name}"


def plan_past(plan: HuntPlan, *violations: Violation) -> HuntPlan | None:
    """The plan of a hunt that goes on past one finding; None where that cannot be.

    It may be several violations: as it was found, and as it is since it was shrunk.
    """
    target, violation = plan.target, violations[0]
    if guess := wrong_guess_in(violation):
        return plan_without(plan, guess)
    waste = waste_in(violation)
    if waste is None:
        return plan_past_known(plan, map(known_as, violations))
    if waste.setting not in plan.defaults or target.settings.get(waste.setting) == waste.value:
        return None
    settings = {**target.settings, waste.setting: waste.value}
    return evolve(plan, target=evolve(target, settings=settings))


def plan_without(plan: HuntPlan, guess: str) -> HuntPlan | None:
    """The plan of a hunt that does not look at a field any more; None where it did not."""
    settings = dict(plan.target.settings)
    corrected = [each for each in settings.get(FIELDS, "").split(",") if each]
    if FIELDS not in plan.defaults or f"{guess}=none" in corrected:
        return None
    settings[FIELDS] = ",".join((*corrected, f"{guess}=none"))
    plan = evolve(plan, target=evolve(plan.target, settings=settings))
    with interruptible() as interruption, ProcessPool(1) as pool:
        observes = pool.run(interruption, shown_by, plan)
    interruption.check()
    return None if isinstance(observes, Died) else evolve(plan, observes=observes)


def shown_by(plan: HuntPlan) -> frozenset[str]:
    """What the subject of a plan shows with its settings."""
    setup = plan.setup()
    return observes_with(setup.factory, setup.settings)
