"""What an exploration prints: how far it is, and at its end what was found and what was covered."""

from pathlib import Path

from attrs import evolve

from model.explorer.running.outcome import ExplorationProgress, ExplorationResult
from model.explorer.running.specification import NamedSystem
from model.explorer.search.as_actions import run_of_moves
from model.explorer.search.random_walks import WalkResult
from model.explorer.search.result import SearchResult, Stop, StoppedBy, moves_along
from model.explorer.systems.budgets import SPENT
from model.explorer.systems.raft import RaftSystem, Reached
from model.explorer.systems.raft_order import RaftOrder
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.system import checks_of, invariants_of
from model.runs.shrink import Shrunk
from oracle.commands.explore_result import result_of
from oracle.commands.explore_story import print_story
from oracle.commands.hunt_report import print_how_to_repeat, trace_at
from oracle.commands.hunt_result import case_of
from oracle.commands.results import ResultForms, deliver, text_beside
from oracle.formats.result_json import Case
from oracle.hunting.findings import Artefacts, artefacts_of, counted
from oracle.hunting.plan import make_plan
from oracle.store.result_folder import Store
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import (
    even_if_nobody_listens,
    print_labelled,
    print_report,
    width_of_terminal,
)
from oracle.terminal.trace_output import print_trace

WITHOUT_A_LEADER = "leader elected"


def line_of(progress: ExplorationProgress) -> str:
    """How far a search is, in one line."""
    rate = progress.distinct / progress.seconds if progress.seconds else 0
    if not progress.levels:
        return (
            f"{progress.done:,} of {progress.frontier:,} moves, "
            f"{progress.distinct:,} states in {progress.seconds:.0f} s"
        )
    share = progress.done / progress.frontier if progress.frontier else 1
    return (
        f"level {progress.level} ({progress.frontier:,} states, {share:.0%} done), "
        f"{progress.distinct:,} states in {progress.seconds:.0f} s ({rate:,.0f}/s), "
        f"{size_in_words(progress.bytes)}; {outlook(progress.levels)}"
    )


def outlook(levels: tuple[int, ...]) -> str:
    """What the sizes of the last levels let one expect."""
    if len(levels) < 3 or levels[-1] >= levels[-2]:
        growth = levels[-1] / levels[-2] if len(levels) > 1 else 1
        return f"levels grow by {growth:.2f}, no end in sight"
    ratio = levels[-1] / levels[-2]
    return f"levels shrink by {ratio:.2f}, at most {levels[-1] * ratio / (1 - ratio):,.0f} more"


def size_in_words(size: int) -> str:
    """A size that a person can read."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def conclude(result: ExplorationResult, out: Path | None, forms: ResultForms) -> int:
    """Print what came out; the exit code."""
    broken: Case | None = None
    with text_beside(forms), even_if_nobody_listens():
        if result.search.broken is None:
            print_coverage(result)
        elif isinstance(result.spec.model, RaftOrder):
            artefacts = artefacts_for(result, result.spec.model)
            folder = Store(out).write_made(artefacts.files_in)  # whether or not anybody listens
            broken = case_of(artefacts, folder)
            print_violation(result, artefacts, folder)
        else:
            heading = model_in_words(result.spec.model)
            broken = print_story(result, heading, verdict_of(result), out)
    code = exit_code_of(result)
    subject, sentence = model_in_words(result.spec.model), sentence_of(result)
    return deliver(result_of(result, subject, sentence, code, broken), forms)


def exit_code_of(result: ExplorationResult) -> Exit:
    """What an exploration's end means."""
    search = result.search
    if search.broken is not None:
        return Exit.VIOLATION
    is_cut_off = search.stopped is not None and search.stopped.by is StoppedBy.MEMORY
    return Exit.INCONCLUSIVE if result.interrupted or is_cut_off else Exit.NOTHING_FOUND


def counts_in_words(search: SearchResult) -> str:
    """What the verdict rests on."""
    generated = f"{search.distinct:,} states ({search.generated:,} generated)"
    return f"{generated} in {len(search.levels)} levels"


def verdict_of(result: ExplorationResult) -> str:
    """The verdict, and the counts that it rests on."""
    rate = result.search.distinct / result.seconds if result.seconds else 0
    return sentence_of(result, f", {result.seconds:.1f} s ({rate:,.0f} states/s)")


def sentence_of(result: ExplorationResult, speed: str = "") -> str:
    """The verdict, its counts, and how fast it came, where that is wanted."""
    search = result.search
    counts = counts_in_words(search) if result.walks is None else walks_in_words(result.walks)
    if search.verdict == "violated":
        return f"Violated, after {counts}{speed}."
    if search.stopped is not None:
        where = stop_in_words(search.stopped)
        return f"Stopped {where}, no violation so far: {counts}{speed}."
    return f"Exhausted within the bounds below, no violation: {counts}{speed}."


def stop_in_words(stop: Stop) -> str:
    """What ended an exploration early, by the option that sets its limit."""
    match stop.by:
        case StoppedBy.DEPTH:
            return f"at --max-depth {stop.limit}"
        case StoppedBy.STATES:
            return f"at --max-states {stop.limit}"
        case StoppedBy.MEMORY:
            return f"at --memory {stop.limit / 2**30:g}GiB"
        case StoppedBy.WALK_BUDGET:
            return f"at {stop.limit} moves"
        case StoppedBy.NO_MOVE:
            return "where no move can be made"
        case StoppedBy.INTERRUPT:
            return "at an interrupt"


def walks_in_words(walked: WalkResult) -> str:
    """What random walks saw."""
    return (
        f"{walked.walks:,} random walks of up to {walked.deepest:,} moves through "
        f"{walked.distinct:,} states ({walked.generated:,} successors looked at)"
    )


def model_in_words(model: RaftOrder | RaftTla | NamedSystem) -> str:
    """What was explored, and within which bounds."""
    if not isinstance(model, RaftOrder | RaftTla):
        return model.text
    if isinstance(model, RaftTla):
        return (
            f"raft.tla, {model.servers} servers, {model.values} values, "
            f"terms to {model.max_term}, logs to {model.max_log}, "
            f"{model.max_messages} messages, {model.max_copies} copies of each, "
            f"{'with' if model.history else 'without'} history variables"
        )
    bounds = model.bounds
    amounts = [(getattr(bounds, name), name.removesuffix("s").replace("_", " ")) for name in SPENT]
    named = [counted(amount, name) for amount, name in amounts if amount]
    target = model.target
    return (
        f"{target.subject.text}{target.mutant_in_words()}, "
        f"{target.servers} servers{target.settings_in_words()}; terms to {bounds.max_term}, "
        f"{bounds.max_inbox} messages under way to a server, {', '.join(named) or 'no requests'}"
    )


def print_coverage(result: ExplorationResult) -> None:
    """What was explored, what was checked, and what was reached."""
    model, search = result.spec.model, result.search
    print_report(f"{verdict_of(result)}\n{model_in_words(model)};\n{execution_in_words(result)}.")
    if result.unreduced_because:
        print_labelled("Not reduced:", f"stale replies may matter here: {result.unreduced_because}")
    if isinstance(model, RaftOrder) and isinstance(result.system, RaftSystem):
        print_checks(result.system, model)
        print_reached(result.system, search)
    else:
        print_checks_of_system(result)
    kinds = sorted(search.kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    print_labelled("Moves:", ", ".join(f"{kind} {count:,}" for kind, count in kinds) or "none")
    if result.engine != "reference" and result.walks is None:
        print_labelled("Collisions:", odds_of_collision(search.distinct, result.renamings))
    if result.unstored_because:
        print_labelled("Not stored:", result.unstored_because)
    if result.stored is not None:
        print_labelled("Stored:", f"go on with raft-oracle explore --resume {result.stored}")


def execution_in_words(result: ExplorationResult) -> str:
    """What counts as one state, and what did the work."""
    model, parts = result.spec.model, []
    if result.renamings > 1:
        parts.append(f"{result.renamings} renamings count as one")
    if isinstance(model, RaftOrder) and model.reduce:
        parts.append("stale replies are thrown away")
    parts.append(f"engine {result.engine}")
    if result.workers > 1:
        parts.append(counted(result.workers, "worker"))
    if result.bytes:
        parts.append(f"{size_in_words(result.bytes)} at the end")
    return ", ".join(parts)


def print_checks(system: RaftSystem, order: RaftOrder) -> None:
    """Which properties were checked."""
    checker = system.checker
    print_labelled("Checked:", ", ".join(each.name for each in checker.properties) or "nothing")
    for missed in checker.not_checked:
        print_labelled(
            "Not checked:", f"{missed.property} (not explored: {', '.join(missed.missing)})"
        )
    if order.target.ignore:
        print_labelled("Ignored:", ", ".join(sorted(order.target.ignore)))


def print_checks_of_system(result: ExplorationResult) -> None:
    """What was checked of a system that is no cluster, as far as it says."""
    states = [each.name for each in invariants_of(result.system)]
    is_spread = " on a cluster" in result.engine
    judged = [name for name in checks_of(result.system) if not (is_spread and name in states)]
    print_labelled("Checked:", ", ".join(judged) or "what its moves say")
    if is_spread and states:
        print_labelled("Not checked:", f"{', '.join(states)} (a cluster judges moves, not states)")
    if isinstance(result.spec.model, RaftTla) and result.spec.model.unchecked:
        print_labelled("Ignored:", ", ".join(sorted(result.spec.model.unchecked)))


def print_reached(system: RaftSystem, search: SearchResult) -> None:
    """How far the executions within the bounds got, and where they say little."""
    notes = [note for note in search.notes if isinstance(note, Reached)]
    names = {name for note in notes for name in note.names}
    term = max((note.term for note in notes), default=0)
    commit_index = max((note.commit_index for note in notes), default=0)
    reachable = [each.name for each in system.checker.reachable]
    reached = [name for name in reachable if name in names]
    print_labelled(
        "Reached:", ", ".join([*reached, f"term {term}", f"commit index {commit_index}"])
    )
    if unreached := [name for name in reachable if name not in names]:
        print_labelled(
            "Not reached:", f"{', '.join(unreached)}; this says little about what needs them"
        )
    if WITHOUT_A_LEADER not in names and search.verdict == "exhausted":
        print_labelled(
            "Warning:",
            "within these bounds no server is ever elected, so hardly anything was checked; "
            "a higher --max-inbox or --max-term gives them room",
        )


def odds_of_collision(distinct: int, renamings: int) -> str:
    """How likely two states were taken for one, because their fingerprints are the same.

    The least of several 64-bit numbers is not evenly spread: two such numbers are equal with
    R * R / (2 R - 1) times the probability.
    """
    crowding = renamings * renamings / (2 * renamings - 1)
    odds = crowding * distinct * distinct / 2**65
    if odds > 1 / 1000:
        return f"some {odds:.3g} pairs of states may have been taken for one (64-bit fingerprints)"
    return f"two states were taken for one with odds of 1 to {1 / odds:,.0f} (64-bit fingerprints)"


# A violation


def print_violation(result: ExplorationResult, artefacts: Artefacts, folder: Path | None) -> None:
    """The trace of a shortest schedule, and where it can be run again."""
    width = width_of_terminal()
    print_trace(artefacts.trace if width is None else trace_at(artefacts, width))
    print_report(f"\n{verdict_of(result)}")
    print_how_to_repeat(folder, artefacts.property_files)


def artefacts_for(result: ExplorationResult, order: RaftOrder) -> Artefacts:
    """All files of a counterexample."""
    search, system = result.search, result.system
    assert isinstance(system, RaftSystem)
    plan = make_plan(order.target, driver="explorer")
    plan = evolve(plan, property_files=order.property_files)
    cluster = plan.cluster()
    try:
        run = run_of_moves(cluster, system, moves_along(system, search.path))
        violation = run.violation
        if violation is None:
            raise AssertionError(f"a counterexample of {search.broken} does not fail as actions")
        actions = tuple(happening.action for happening in run.happenings)
        shrunk = Shrunk(violation, actions, (), actions, run)
        return artefacts_of(plan, cluster.subject, shrunk, actions, heading=heading_of(result))
    finally:
        cluster.subject.close()


def heading_of(result: ExplorationResult) -> str:
    """Where a counterexample comes from."""
    moves = counted(len(result.search.path), "move")
    kind = "a shortest schedule within these bounds" if result.walks is None else "a random walk"
    return f"{model_in_words(result.spec.model)};\nthe explorer: {kind}, {moves}."
