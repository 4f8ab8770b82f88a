"""`raft-oracle explore --liveness`: whether a leader can still commit, asked of every state.

May import: click, attrs, model, oracle.
"""

import click
from attrs import evolve, frozen

from model.explorer.engines import make_engine
from model.explorer.liveness import Liveness, check_liveness
from model.explorer.raft import RaftSystem
from model.explorer.raft_liveness import A_COMMIT, roomier
from model.explorer.result import moves_along
from model.explorer.story import told
from model.trace import render
from oracle.artefacts import program
from oracle.exploration import Means, Order
from oracle.explore_report import NOTHING_FOUND, VIOLATION, in_counts, plan_of, world_of
from oracle.output import even_if_nobody_listens
from oracle.subjects import BROKEN_NAMES
from oracle.summary import tell

INCONCLUSIVE = 2


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
        return VIOLATION
    return INCONCLUSIVE if found.undecided else NOTHING_FOUND


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
