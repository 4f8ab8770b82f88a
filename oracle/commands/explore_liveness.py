"""`raft-oracle explore --liveness`: whether a leader can still commit, asked of every state."""

import click
from attrs import evolve, frozen

from model.explorer.engines.choice import make_engine
from model.explorer.running.exploration import Means, Order
from model.explorer.search.as_actions import told
from model.explorer.search.liveness import Liveness, check_liveness
from model.explorer.search.raft_liveness import A_COMMIT, roomier
from model.explorer.search.result import moves_along
from model.explorer.systems.raft import RaftSystem
from model.runs.render import render
from oracle.commands.explore_report import in_counts, plan_of, world_of
from oracle.hunting.findings import program
from oracle.subjects.registry import BROKEN_NAMES
from oracle.terminal.output import even_if_nobody_listens, tell
from oracle.terminal.usage import Exit


@frozen
class Asked:
    """What came of asking all states of an exploration."""

    order: Order
    system: RaftSystem
    liveness: Liveness


def ask(order: Order, means: Means) -> Asked:
    """Explore without judging safety, and ask every state that was found."""
    order = evolve(order, ignore=tuple(sorted(BROKEN_NAMES)))
    system = order.recipe().make()
    engine = make_engine(means.engine, system, order.symmetry, means.workers)
    try:
        return Asked(order, system, check_liveness(engine, roomier(system), A_COMMIT, means.limits))
    finally:
        engine.close()


def tell_answers(asked: Asked) -> int:
    """Print how many states can, cannot, or might; the exit code."""
    found = asked.liveness
    with even_if_nobody_listens():
        click.echo(f"{verdict_of(found)} {in_counts(found.explored)}.")
        click.echo(f"{world_of(asked.order)}.")
        tell("Asked:", "can a leader still commit, by timeouts, deliveries and requests alone?")
        tell("Within:", f"{found.can_reach:,} states can within these bounds")
        tell(
            "At a bound:",
            f"{found.at_bound:,} can with room for one more election and one more request "
            f"({found.looked_at:,} states looked at)",
        )
        tell("Dead ends:", f"{found.dead_ends:,} cannot, whatever happens")
        tell("Undecided:", f"{found.undecided:,} had more ahead of them than was looked at")
        if found.path is not None:
            show_dead_end(asked, found.path)
    if found.dead_ends:
        return Exit.VIOLATION
    return Exit.INCONCLUSIVE if found.undecided else Exit.NOTHING_FOUND


def verdict_of(found: Liveness) -> str:
    """The answer in a word or two."""
    if found.dead_ends:
        return "Dead ends found among"
    if found.undecided:
        return "No dead end found so far among"
    whole = "exhausted" if found.explored.verdict == "exhausted" else "stopped at a bound"
    return f"No dead end ({whole}):"


def show_dead_end(asked: Asked, path: tuple[int, ...]) -> None:
    """A shortest way into a dead end."""
    cluster = plan_of(asked.order).setup().cluster()
    try:
        run = told(cluster, moves_along(asked.system, path))
        click.echo("")
        click.echo(render(cluster.subject, run, "A shortest way into a dead end:"))
        actions = tuple(happening.action for happening in run.happenings)
        click.echo(f"As actions:\n{program(actions, '  ')}")
    finally:
        cluster.subject.close()
