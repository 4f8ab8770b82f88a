"""What an exploration prints: how far it is, and at its end what was found and what was covered."""

from pathlib import Path

import click

from model.explorer.running.exploration import Account, Glance, Order
from model.explorer.search.as_actions import told
from model.explorer.search.random_walks import Simulated
from model.explorer.search.result import Explored, moves_along
from model.explorer.systems.budgets import SPENT
from model.explorer.systems.raft import RaftSystem, Reached
from model.runs.shrink import Shrunk
from oracle.hunting.findings import Artefacts, artefacts_of, counted
from oracle.hunting.plan import Plan, Wish, make_plan
from oracle.store.folder import Store
from oracle.terminal.output import even_if_nobody_listens, tell
from oracle.terminal.usage import Exit

WITHOUT_A_LEADER = "leader elected"


def line_of(glance: Glance) -> str:
    """How far a search is, in one line."""
    rate = glance.distinct / glance.seconds if glance.seconds else 0
    if not glance.levels:
        return (
            f"{glance.done:,} of {glance.frontier:,} moves, "
            f"{glance.distinct:,} states in {glance.seconds:.0f} s"
        )
    share = glance.done / glance.frontier if glance.frontier else 1
    return (
        f"level {glance.level} ({glance.frontier:,} states, {share:.0%} done), "
        f"{glance.distinct:,} states in {glance.seconds:.0f} s ({rate:,.0f}/s), "
        f"{in_bytes(glance.bytes)}; {outlook(glance.levels)}"
    )


def outlook(levels: tuple[int, ...]) -> str:
    """What the sizes of the last levels let one expect."""
    if len(levels) < 3 or levels[-1] >= levels[-2]:
        growth = levels[-1] / levels[-2] if len(levels) > 1 else 1
        return f"levels grow by {growth:.2f}, no end in sight"
    ratio = levels[-1] / levels[-2]
    return f"levels shrink by {ratio:.2f}, at most {levels[-1] * ratio / (1 - ratio):,.0f} more"


def in_bytes(size: int) -> str:
    """A size that a person can read."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def conclude(account: Account, out: Path | None) -> int:
    """Print what came out; the exit code."""
    with even_if_nobody_listens():
        if account.explored.broken is not None:
            print_violation(account, out)
            return Exit.VIOLATION
        print_coverage(account)
    ended = account.interrupted or account.explored.stopped_at.startswith("--memory")
    return Exit.INCONCLUSIVE if ended else Exit.NOTHING_FOUND


def in_counts(explored: Explored) -> str:
    """What the verdict rests on."""
    generated = f"{explored.distinct:,} states ({explored.generated:,} generated)"
    return f"{generated} in {len(explored.levels)} levels"


def verdict_of(account: Account) -> str:
    """The verdict, and the counts that it rests on."""
    explored = account.explored
    counts = in_counts(explored) if account.walks is None else in_walks(account.walks)
    rate = explored.distinct / account.seconds if account.seconds else 0
    speed = f"{account.seconds:.1f} s ({rate:,.0f} states/s)"
    match explored.verdict:
        case "violated":
            return f"Violated, after {counts}, {speed}."
        case "exhausted":
            return f"Exhausted within the bounds below, no violation: {counts}, {speed}."
        case "stopped":
            return f"Stopped at {explored.stopped_at}, no violation so far: {counts}, {speed}."


def in_walks(walked: Simulated) -> str:
    """What random walks saw."""
    return (
        f"{walked.walks:,} random walks of up to {walked.deepest:,} moves through "
        f"{walked.distinct:,} states ({walked.generated:,} successors looked at)"
    )


def world_of(order: Order) -> str:
    """What was explored, and within which bounds."""
    if order.model == "raft.tla":
        constants = order.specification
        return (
            f"raft.tla, {constants.servers} servers, {constants.values} values, "
            f"terms to {constants.max_term}, logs to {constants.max_log}, "
            f"{constants.max_messages} messages, {constants.max_copies} copies of each, "
            f"{'with' if constants.history else 'without'} history variables"
        )
    bounds = order.bounds
    amounts = [(getattr(bounds, name), name.removesuffix("s").replace("_", " ")) for name in SPENT]
    named = [counted(amount, name) for amount, name in amounts if amount]
    settings = "".join(f", {name}={value}" for name, value in sorted(order.settings.items()))
    mutant = f", mutant {order.mutant}" if order.mutant else ""
    return (
        f"reference{mutant}, {order.servers} servers{settings}; terms to {bounds.max_term}, "
        f"{bounds.max_inbox} messages under way to a server, {', '.join(named) or 'no requests'}"
    )


def print_coverage(account: Account) -> None:
    """What was explored, what was checked, and what was reached."""
    order, explored = account.order, account.explored
    click.echo(verdict_of(account))
    click.echo(f"{world_of(order)};\n{means_of(account)}.")
    if account.unreduced_because:
        tell("Not reduced:", f"stale replies may matter here: {account.unreduced_because}")
    if isinstance(account.system, RaftSystem):
        print_checks(account.system, order)
        print_reached(account.system, explored)
    kinds = sorted(explored.kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    tell("Moves:", ", ".join(f"{kind} {count:,}" for kind, count in kinds) or "none")
    if account.engine != "reference" and account.walks is None:
        tell("Collisions:", odds_of_collision(explored.distinct, account.renamings))
    if account.unstored_because:
        tell("Not stored:", account.unstored_because)
    if account.stored is not None:
        tell("Stored:", f"go on with raft-oracle explore --resume {account.stored}")


def means_of(account: Account) -> str:
    """What counts as one state, and what did the work."""
    means = []
    if account.renamings > 1:
        means.append(f"{account.renamings} renamings count as one")
    if account.order.reduce and account.order.model == "raft":
        means.append("stale replies are thrown away")
    means.append(f"engine {account.engine}")
    if account.workers > 1:
        means.append(counted(account.workers, "worker"))
    if account.bytes:
        means.append(f"{in_bytes(account.bytes)} at the end")
    return ", ".join(means)


def print_checks(system: RaftSystem, order: Order) -> None:
    """Which properties were checked."""
    checker = system.checker
    tell("Checked:", ", ".join(each.name for each in checker.properties) or "nothing")
    for missed in checker.not_checked:
        tell("Not checked:", f"{missed.property} (not explored: {', '.join(missed.missing)})")
    if order.ignore:
        tell("Ignored:", ", ".join(order.ignore))


def print_reached(system: RaftSystem, explored: Explored) -> None:
    """How far the executions within the bounds got, and where they say little."""
    notes = [note for note in explored.notes if isinstance(note, Reached)]
    names = {name for note in notes for name in note.names}
    term = max((note.term for note in notes), default=0)
    commit_index = max((note.commit_index for note in notes), default=0)
    reachable = [each.name for each in system.checker.reachable]
    reached = [name for name in reachable if name in names]
    tell("Reached:", ", ".join([*reached, f"term {term}", f"commit index {commit_index}"]))
    if unreached := [name for name in reachable if name not in names]:
        tell("Not reached:", f"{', '.join(unreached)}; this says little about what needs them")
    if WITHOUT_A_LEADER not in names and explored.verdict == "exhausted":
        tell(
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


def print_violation(account: Account, out: Path | None) -> None:
    """The trace of a shortest schedule, and where it can be run again."""
    plan = plan_of(account.order)
    artefacts = artefacts_for(account, plan)
    click.echo(artefacts.trace)
    click.echo(verdict_of(account))
    folder = Store(out).write(artefacts.files)
    if folder is not None:
        click.echo(f"Replay:     raft-oracle replay {folder}/schedule.json")
        click.echo(f"Regression: pytest {folder}/test_regression.py")


def plan_of(order: Order) -> Plan:
    """The world in which the schedule runs."""
    wish = Wish(
        subject="reference",
        servers=order.servers,
        network="any",
        settings=order.settings,
        ignore=frozenset(order.ignore),
        mutant=order.mutant,
    )
    return make_plan(wish, driver="explorer")


def artefacts_for(account: Account, plan: Plan) -> Artefacts:
    """All files of a counterexample."""
    explored = account.explored
    cluster = plan.setup().cluster()
    try:
        run = told(cluster, moves_along(account.system, explored.path))
        violation = run.violation
        if violation is None:
            raise AssertionError(f"a counterexample of {explored.broken} does not fail as actions")
        actions = tuple(happening.action for happening in run.happenings)
        shrunk = Shrunk(violation, actions, (), actions, run)
        return artefacts_of(plan, cluster.subject, shrunk, actions, heading=heading_of(account))
    finally:
        cluster.subject.close()


def heading_of(account: Account) -> str:
    """Where a counterexample comes from."""
    moves = counted(len(account.explored.path), "move")
    kind = "a shortest schedule within these bounds" if account.walks is None else "a random walk"
    return f"{world_of(account.order)};\nthe explorer: {kind}, {moves}."
