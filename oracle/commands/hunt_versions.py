"""`raft-oracle hunt SUBJECT --set version=A..B`: which release broke a library, or mended it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from model.target import NamedSubject, TargetRequest
from oracle.bridging.description import PINNED
from oracle.bridging.versions import Range, is_range, read_range
from oracle.commands.hunt_progress import progress, tell_found
from oracle.commands.options import names_of_own, read_ignored
from oracle.commands.results import ResultForms, deliver, text_beside
from oracle.formats.result_json import Bisected, Case, CaseOutcome, Result, printed
from oracle.hunting.bisection import Probe, State, Try, Verdict, bisect
from oracle.hunting.checked_properties import check_only
from oracle.hunting.findings import counted
from oracle.hunting.hunt_on import Past
from oracle.hunting.known_findings import known_of_bridge, plan_past_known
from oracle.hunting.parallel_hunt import Budget
from oracle.hunting.plan import HuntPlan
from oracle.hunting.version_attempts import Attempts, How
from oracle.store.result_folder import Store
from oracle.subjects.released import Released, obtain, released
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, print_labelled, print_report
from oracle.terminal.progress import aside
from oracle.terminal.usage import UsageError

OUTCOMES: Final[Mapping[State, CaseOutcome]] = {
    "broken": "broken",
    "not found": "held",
    "not tried": "not checked",
}


@frozen
class Followed:
    """What counts, as the command line says: until something is found, which is then followed."""

    ignore: tuple[str, ...]
    only: tuple[str, ...]
    property_files: tuple[str, ...]


@frozen
class VersionSearch:
    """A search over versions, as the command line asks for it."""

    request: TargetRequest
    make_plan: Callable[[TargetRequest], HuntPlan]
    """Makes the plan of a hunt, for which the subject is loaded."""
    what: Followed
    seed: int
    budget: Budget
    workers: int
    store: Store
    forms: ResultForms

    def plan_of(self, version: str, followed: str | None) -> HuntPlan:
        """The plan of a hunt of one version, for what is followed alone, if something is.

        What a bridge's library is known for is gone past until then, as in any other hunt.
        """
        own = names_of_own(self.what.property_files)
        only = (followed,) if followed is not None and followed not in own else self.what.only
        request = evolve(
            self.request,
            settings={**self.request.settings, PINNED: version},
            ignore=read_ignored(self.what.ignore, only, own),
        )
        plan = self.make_plan(request)
        check_only(plan, only)
        known = known_of_bridge(request.subject.text, request.mutant) if not only else ()
        return plan_past_known(plan, (each.word for each in known))


def asks_for_versions(
    settings: Mapping[str, str], past: Past | None, known_folder: Path | None
) -> bool:
    """Whether the setting `version` names a range; UsageError beside what makes no sense then."""
    if not is_range(settings.get(PINNED, "")):
        return False
    if past not in (None, "nothing"):
        option = {"untidy": "--hunt-on", "everything": "--all"}[past or ""]
        raise UsageError(
            f"version: found a range with {option}, expected a hunt that ends at what it finds; "
            "--only says what to follow"
        )
    if known_folder is not None:
        raise UsageError(
            "version: found a range with --known, expected --ignore for what is to be gone past"
        )
    return True


def hunt_versions(search: VersionSearch) -> int:
    """Search a range for the release that broke or mended a library, and say what came out."""
    subject, mutant = search.request.subject, search.request.mutant
    wanted = read_range(search.request.settings[PINNED])
    library = released(subject)
    attempts = Attempts(
        How(
            obtain=lambda version: obtain(subject, version, mutant),
            planned=search.plan_of,
            budget=search.budget,
            workers=search.workers,
            store=search.store,
            progress=progress,
            tell=tell_found,
        )
    )
    what = f"seed {search.seed}"
    with text_beside(search.forms):
        verdict = search_range(subject, library, wanted, attempts.attempt, what, "hunted")
        code = exit_code(verdict)
        result = result_of(search, verdict, code)
        folder = search.store.write_reports({"versions.json": printed(result).encode()})
        with even_if_nobody_listens():
            print_verdict(verdict, folder)
    return deliver(result, search.forms)


def search_range(
    subject: NamedSubject, library: Released, wanted: Range, attempt: Try, what: str, done: str
) -> Verdict:
    """Search the versions of a range, and tell of each; UsageError where none can be tried.

    `what` is looked for in them, and `done` says in a word what is done with each.
    """
    versions = library.within(wanted)
    with even_if_nobody_listens():
        print_report(
            f"{subject.text}: {counted(len(versions), 'version')} from {wanted.oldest} to "
            f"{wanted.newest}, as {library.listed_by} them; {what}."
        )
    verdict = bisect(versions, attempt, tell_probe)
    if not verdict.tried and not verdict.is_interrupted:
        raise UsageError(f"version: none of {wanted} can be {done}: {verdict.probed[0].how}")
    return verdict


def tell_probe(probe: Probe) -> None:
    """A line about each version, as soon as something is known of it."""
    with aside(), even_if_nobody_listens():
        print_labelled(f"{probe.version}:", in_words(probe))


def in_words(probe: Probe) -> str:
    """What was seen of a version."""
    if probe.violation is None:
        return f"not tried: {probe.how}" if probe.state == "not tried" else probe.how
    steps = "" if probe.steps is None else f" in {counted(probe.steps, 'step')}"
    return f"{probe.violation.property}{steps}, {probe.how}"


def print_verdict(verdict: Verdict, folder: Path | None) -> None:
    """The verdict, what it leaves open, and where the traces are."""
    print_sentence(verdict, "Not found within the budget does not prove that a version is clean.")
    if verdict.violation is not None and folder is not None:
        near = (*(verdict.turn or ()), *reversed(verdict.probed))
        first = next(each for each in near if each.violation is not None)
        echo(f"Page:       {folder}/{first.version}/report.html")
        echo(f"Replay:     raft-oracle replay {folder}/{first.version}/schedule.json")


def print_sentence(verdict: Verdict, caution: str) -> None:
    """The verdict, and a word of caution where a version is said to show nothing."""
    echo("")
    interrupted = "Interrupted. " if verdict.is_interrupted else ""
    print_report(f"{interrupted}{verdict.sentence()}")
    if any(each.state == "not found" for each in verdict.tried):
        print_report(caution)


def exit_code(verdict: Verdict) -> Exit:
    """What a search's end means: a violation anywhere, nothing, or nothing that can be said."""
    if verdict.violation is not None:
        return Exit.VIOLATION
    return Exit.INCONCLUSIVE if verdict.is_interrupted else Exit.NOTHING_FOUND


def result_of(search: VersionSearch, verdict: Verdict, code: Exit) -> Result:
    """The same for programs: a case for each version that was asked for."""
    name = search.request.subject.text
    return Result(
        command="hunt",
        subject=f"{name} {search.request.settings[PINNED]}",
        exit_code=code,
        sentence=verdict.sentence(),
        cases=tuple(case_of(name, each) for each in verdict.probed),
        seed=search.seed,
        bisected=bisected(verdict),
    )


def bisected(verdict: Verdict) -> Bisected:
    """Where one state becomes the other, by name."""
    violation, turn = verdict.violation, verdict.turn
    before, after = turn or (None, None)
    return Bisected(
        versions=verdict.versions,
        property=None if violation is None else violation.property,
        broken_since=after.version if after and after.state == "broken" else None,
        mended_in=after.version if after and after.state == "not found" else None,
        last_before=before.version if before else None,
        not_tried_between=verdict.between,
    )


def case_of(name: str, probe: Probe) -> Case:
    """What was seen of a version."""
    violation = probe.violation
    return Case(
        name=f"{name} {probe.version}",
        outcome=OUTCOMES[probe.state],
        detail=in_words(probe) + (f": {violation.detail}" if violation else ""),
        source=violation.source if violation else "",
        steps=probe.steps,
        folder=None if probe.folder is None else str(probe.folder),
    )
