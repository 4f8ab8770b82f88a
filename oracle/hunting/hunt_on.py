"""A hunt that goes on past what is only untidy, for what is unsafe.

What was found is kept, and from then on ignored; the block of runs in which it was found is done
again, and the rest of the budget follows. So the findings depend on the seed alone, as those of a
hunt that ends at the first one do, as long as the budget counts steps.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from model.subject import observes_with
from oracle.hunting.findings import Artefacts
from oracle.hunting.parallel_hunt import Budget, Outcome, Report, hunt
from oracle.hunting.plan import HuntPlan
from oracle.hunting.severity import Severity, severity_of, waste_in, wrong_guess_in
from oracle.processes.process_pool import Died, ProcessPool
from oracle.processes.signals import interruptible
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

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that was found: what is unsafe first, and else as it was found."""
        found = self.passed
        if self.outcome.artefacts is not None:
            last = Finding(artefacts=self.outcome.artefacts, folder=self.outcome.folder)
            found = (*found, last)
        return tuple(sorted(found, key=lambda each: each.severity is not Severity.UNSAFE))


GoesOn = Callable[[Violation], bool]
"""Whether a hunt goes on past a violation."""


def never(_: Violation) -> bool:
    """End at the first violation, whatever it is."""
    return False


def past_untidy(violation: Violation) -> bool:
    """Go on past what is only untidy."""
    return severity_of(violation) is Severity.UNTIDY


def hunt_on(
    plan: HuntPlan,
    budget: Budget,
    workers: int,
    store: Store,
    report: Report,
    goes_on: GoesOn = past_untidy,
    tell: Callable[[Finding], None] = lambda finding: None,
    below: str = ".",
) -> Hunted:
    """Hunt until a violation that ends the hunt, or the end of the budget.

    `tell` is called with each finding that the hunt goes past. Files go into a folder `below` that
    of the store.
    """

    def keep(artefacts: Artefacts) -> Path | None:
        violation = artefacts.violation
        folder = f"{below}/{folder_of(violation)}" if goes_on(violation) else below
        return store.write(artefacts.files, folder)

    passed: list[Finding] = []
    start = None
    while True:
        outcome = hunt(plan, budget, workers, keep, report, start)
        found, start = outcome.artefacts, outcome.rest
        beyond = None
        if found is not None and start is not None and goes_on(found.violation):
            beyond = plan_past(plan, found.violation)
        if found is None or beyond is None:
            return Hunted(plan=plan, outcome=outcome, passed=tuple(passed))
        plan = beyond
        passed.append(Finding(artefacts=found, folder=outcome.folder))
        tell(passed[-1])


def folder_of(violation: Violation) -> str:
    """The folder, below that of the hunt, of a finding that the hunt goes past."""
    waste, guess = waste_in(violation), wrong_guess_in(violation)
    name = f"WrongGuess-{guess}" if guess else waste.name if waste else violation.property
    return f"{severity_of(violation).value}/{name}"


def plan_past(plan: HuntPlan, violation: Violation) -> HuntPlan | None:
    """The plan of a hunt that goes on past a violation; None where that cannot be."""
    target = plan.target
    if guess := wrong_guess_in(violation):
        return plan_without(plan, guess)
    waste = waste_in(violation)
    if waste is None:
        return evolve(plan, target=evolve(target, ignore=target.ignore | {violation.property}))
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
    return None if isinstance(observes, Died) else evolve(plan, observes=observes)


def shown_by(plan: HuntPlan) -> frozenset[str]:
    """What the subject of a plan shows with its settings."""
    setup = plan.setup()
    return observes_with(setup.factory, setup.settings)
