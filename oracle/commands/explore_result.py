"""An exploration's end for programs: every property that was checked in every state."""

from model.explorer.running.liveness import LivenessAnswer
from model.explorer.running.outcome import ExplorationResult
from model.explorer.search.liveness import LivenessResult
from model.explorer.systems.raft import RaftSystem, Reached
from model.explorer.systems.system import checks_of
from oracle.commands.hunt_result import cases_not_checked
from oracle.formats.result_json import Case, CaseOutcome, Result

COMMAND = "explore"
CAN_COMMIT = "CanStillCommit"
"""What `--liveness` asks of every state, as the name of a case."""


def result_of(
    result: ExplorationResult,
    subject: str,
    sentence: str,
    exit_code: int,
    broken: Case | None,
) -> Result:
    """The result; `subject` says what was explored, and within which bounds."""
    system, search = result.system, result.search
    cases: list[Case] = [] if broken is None else [broken]
    reachable: list[str] = []
    reached: set[str] = set()
    if not isinstance(system, RaftSystem):
        held = [name for name in checks_of(system) if broken is None or name != broken.name]
        cases += [Case(name=name, outcome="held") for name in held]
    else:
        cases += cases_of(system, {each.name for each in cases})
        reachable = [each.name for each in system.checker.reachable]
        reached = {
            name for note in search.notes if isinstance(note, Reached) for name in note.names
        }
    return Result(
        command=COMMAND,
        subject=subject,
        exit_code=exit_code,
        sentence=sentence,
        cases=tuple(cases),
        steps=search.generated,
        reached=tuple(name for name in reachable if name in reached),
        not_reached=tuple(name for name in reachable if name not in reached),
    )


def cases_of(system: RaftSystem, broken: set[str]) -> list[Case]:
    """What held in every state that was found, and what could not be looked at."""
    checker = system.checker
    names = [each.name for each in checker.properties if each.name not in broken]
    held = [Case(name=name, outcome="held") for name in names]
    return held + cases_not_checked(checker.not_checked, "explored")


def liveness_result(answer: LivenessAnswer, subject: str, sentence: str, exit_code: int) -> Result:
    """The result of `--liveness`: one case, about all states."""
    found = answer.liveness
    case = Case(name=CAN_COMMIT, outcome=outcome_of(found), detail=detail_of(found))
    return Result(
        command=COMMAND,
        subject=subject,
        exit_code=exit_code,
        sentence=sentence,
        cases=(case,),
        steps=found.search.generated,
    )


def outcome_of(found: LivenessResult) -> CaseOutcome:
    """What came of all states."""
    if found.dead_ends:
        return "broken"
    return "not checked" if found.undecided else "held"


def detail_of(found: LivenessResult) -> str:
    """How many states cannot, or might not; nothing where all can."""
    if found.dead_ends:
        return f"{found.dead_ends:,} states from which no leader can commit any more"
    return f"{found.undecided:,} states are undecided" if found.undecided else ""
