"""`raft-oracle explore --liveness`: prints whether a leader can still commit, of every state."""

from attrs import evolve

from model.explorer.running.liveness import LivenessAnswer, ask_liveness
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from model.explorer.search.as_actions import run_of_moves
from model.explorer.search.liveness import LivenessResult
from model.explorer.search.result import moves_along
from model.explorer.systems.raft_order import RaftOrder
from model.runs.render import render
from oracle.commands.explore_report import (
    counts_in_words,
    model_in_words,
)
from oracle.commands.explore_result import liveness_result
from oracle.commands.results import ResultForms, deliver, text_beside
from oracle.formats.program import program
from oracle.subjects.registry import BROKEN_NAMES, make_setup
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import (
    echo,
    even_if_nobody_listens,
    print_labelled,
    print_report,
)
from oracle.terminal.usage import UsageError


def conclude_liveness(
    spec: ExplorationSpec, execution: ExecutionOptions, forms: ResultForms
) -> int:
    """Ask every state, and print how many can, cannot, or might; the exit code."""
    if not isinstance(spec.model, RaftOrder):
        raise UsageError("liveness: found it with --model raft.tla, expected it without")
    answer = ask_liveness(spec.model, spec.symmetry, execution)
    found = answer.liveness
    with text_beside(forms), even_if_nobody_listens():
        print_liveness(answer)
    undecided = Exit.INCONCLUSIVE if found.undecided else Exit.NOTHING_FOUND
    code = Exit.VIOLATION if found.dead_ends else undecided
    sentence = f"{verdict_of(found)} {counts_in_words(found.search)}."
    return deliver(liveness_result(answer, model_in_words(answer.order), sentence, code), forms)


def print_liveness(answer: LivenessAnswer) -> None:
    """How many states can, cannot, or might; and a way into a dead end, if there is one."""
    found = answer.liveness
    print_report(f"{verdict_of(found)} {counts_in_words(found.search)}.")
    print_report(f"{model_in_words(answer.order)}.")
    print_labelled(
        "Asked:", "can a leader still commit, by timeouts, deliveries and requests alone?"
    )
    print_labelled("Within:", f"{found.can_reach:,} states can within these bounds")
    print_labelled(
        "At a bound:",
        f"{found.at_bound:,} can with room for one more election and one more request "
        f"({found.looked_at:,} states looked at)",
    )
    print_labelled("Dead ends:", f"{found.dead_ends:,} cannot, whatever happens")
    print_labelled("Undecided:", f"{found.undecided:,} had more ahead of them than was looked at")
    if found.path is not None:
        show_dead_end(answer, found.path)


def verdict_of(found: LivenessResult) -> str:
    """The answer in a word or two."""
    if found.dead_ends:
        return "Dead ends found among"
    if found.undecided:
        return "No dead end found so far among"
    whole = "exhausted" if found.search.verdict == "exhausted" else "stopped at a bound"
    return f"No dead end ({whole}):"


def show_dead_end(answer: LivenessAnswer, path: tuple[int, ...]) -> None:
    """A shortest way into a dead end."""
    target = evolve(answer.order.target, ignore=frozenset(BROKEN_NAMES))
    cluster = make_setup(target).cluster()
    try:
        run = run_of_moves(cluster, answer.system, moves_along(answer.system, path))
        echo("")
        echo(render(cluster.subject, run, "A shortest way into a dead end:"))
        actions = tuple(happening.action for happening in run.happenings)
        echo(f"As actions:\n{program(actions, '  ')}")
    finally:
        cluster.subject.close()
