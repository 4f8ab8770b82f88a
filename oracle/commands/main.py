"""The command line.

Exit codes: 0 nothing found, 1 a violation, 2 inconclusive, 64 wrong usage.
"""

import math
import re
import signal
import sys
from pathlib import Path

import click

from model.mutants import MUTANTS
from model.runs.shrink import NotReproducedError
from model.schedule import SavedSchedule, ScheduleError, load_schedule
from model.subject import NetworkKind
from oracle.bridging.description import bridges, known_findings
from oracle.commands.bridges import bridge_command, bridges_command
from oracle.commands.check_adapter import check_adapter
from oracle.commands.check_history import check_history
from oracle.commands.check_trace import check_trace_command
from oracle.commands.explore import explore_command
from oracle.commands.figure16 import figure16_command
from oracle.commands.hunt_report import print_coverage, print_finding
from oracle.commands.init import init, logger_command
from oracle.commands.options import WithAdapter, read_ignored, read_settings, read_workers
from oracle.commands.schema import schema_command
from oracle.commands.trace import trace_command
from oracle.hunting.findings import Store
from oracle.hunting.plan import Plan, Wish, make_plan
from oracle.hunting.score import score
from oracle.hunting.search import Budget, Outcome, hunt
from oracle.processes.signals import InterruptedHuntError
from oracle.regression import play_safely
from oracle.subjects.registry import BROKEN_NAMES, SUBJECTS
from oracle.terminal.output import drop_output, even_if_nobody_listens, open_what_is_closed
from oracle.terminal.progress import progress
from oracle.terminal.usage import UsageError, patience
from properties.property import Violation

NOTHING_FOUND, VIOLATION, INCONCLUSIVE, WRONG_USAGE = 0, 1, 2, 64
DEFAULT_BUDGET = 60.0
LONGEST_LINE = 1000


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="raft-oracle")
def cli() -> None:
    """Find bugs in Raft implementations: adversarial schedules, checked after every step."""


cli.add_command(check_history)
cli.add_command(check_adapter)
cli.add_command(schema_command)
cli.add_command(check_trace_command)
cli.add_command(trace_command)


@cli.command(name="hunt", cls=WithAdapter)
@click.argument("subject", default="reference")
@click.option("--servers", type=int, help="Servers in the cluster (3).")
@click.option("--seed", type=int, default=0, help="Names the schedules (0).")
@click.option("--budget", "budget_text", metavar="TIME", help="Stop after 30s, 5m, 2h (60s).")
@click.option("--steps", type=int, help="Stop after so many micro steps instead.")
@click.option("--driver", type=click.Choice(["walker", "hypothesis"]), default="walker")
@click.option("--mutant", metavar="NAME", help="Of the reference, or of a bridge.")
@click.option("--network", type=click.Choice(["fifo", "any"]), help="Else the subject's own.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A subject's setting.")
@click.option("--ignore", multiple=True, metavar="PROPERTY", help="Go on past its violations.")
@click.option("--only", multiple=True, metavar="PROPERTY", help="Check no other property.")
@click.option("--shape", type=click.Choice(["mixed", "turns"]), default="mixed", help="Of runs.")
@click.option("--workers", type=int, help="Processes; the result does not depend on it.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for what is found.")
def hunt_command(
    subject: str,
    servers: int | None,
    seed: int,
    budget_text: str | None,
    steps: int | None,
    driver: str,
    mutant: str | None,
    network: NetworkKind | None,
    settings: tuple[str, ...],
    ignore: tuple[str, ...],
    only: tuple[str, ...],
    shape: str,
    workers: int | None,
    out: Path | None,
) -> None:
    """Hunt for violations in SUBJECT.

    SUBJECT is a name that `subjects` lists, a file ADAPTER.py[:NAME], or `-- COMMAND ...`, which
    starts an adapter that speaks the protocol.
    """
    budget = read_budget(budget_text, steps)
    workers = read_workers(workers)
    check_seed(seed)
    patience()  # what the environment says is looked at before anything begins
    store = Store(out)
    known = () if only else known_findings(subject, mutant)
    wish = Wish(
        subject=subject,
        servers=servers,
        network=network,
        settings=read_settings(settings),
        ignore=read_ignored(ignore, only) | {each.breaks for each in known},
        mutant=mutant,
    )
    plan = make_plan(wish, seed, driver, shape)
    with progress(plan, budget) as report:
        outcome = hunt(plan, budget, workers, store, report)
    finish(plan, outcome)


def finish(plan: Plan, outcome: Outcome) -> None:
    """Say what came out, and exit accordingly, even if nobody listens."""
    if outcome.artefacts is not None:
        code, tell = VIOLATION, print_finding
    else:
        tried = "leader elected" in outcome.tally.reached  # else nothing was put to the test
        code = NOTHING_FOUND if tried and not outcome.interrupted else INCONCLUSIVE
        tell = print_coverage
    with even_if_nobody_listens():
        tell(plan, outcome)
    sys.exit(code)


@cli.command()
@click.argument("schedule", type=click.Path(path_type=Path))
def replay(schedule: Path) -> None:
    """Run a saved SCHEDULE again and print its trace."""
    patience()
    saved = read_schedule(schedule)
    wish = Wish(
        subject=saved.subject,
        servers=saved.servers,
        network=saved.network,
        settings=saved.settings,
        ignore=frozenset(saved.ignore),
        mutant=saved.mutant,
    )
    try:
        plan = make_plan(wish)
    except UsageError as error:
        raise UsageError(f"schedule {schedule}: {error}") from error
    result = play_safely(plan, saved.actions)
    with even_if_nobody_listens():
        click.echo(result.trace, nl=False)
    sys.exit(compare(saved, result.violation))


def compare(saved: SavedSchedule, violation: Violation | None) -> int:
    """Say whether the replay did what was saved; the exit code."""
    found = violation.property if violation else None
    if found == saved.property:
        return NOTHING_FOUND if found is None else VIOLATION
    with even_if_nobody_listens():
        click.echo(
            f"\nNot as saved: expected {saved.property or 'no violation'}, found {found or 'none'}."
        )
    return INCONCLUSIVE if found is None else VIOLATION


@cli.command()
@click.option("--score", "scored", is_flag=True, help="Hunt them all, and compare.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--seed", type=int, default=0)
@click.option("--workers", type=int)
@click.option("--driver", type=click.Choice(["walker", "hypothesis"]), default="walker")
def mutants(
    scored: bool, only: tuple[str, ...], seed: int, workers: int | None, driver: str
) -> None:
    """List the mutants of the reference, or score how fast each is caught."""
    unknown = sorted(set(only) - {mutant.name for mutant in MUTANTS})
    if unknown:
        raise UsageError(f"only: found {unknown[0]!r}, expected a name that `mutants` lists")
    chosen = [mutant for mutant in MUTANTS if not only or mutant.name in only]
    check_seed(seed)
    if scored:
        survivors = score(chosen, seed, read_workers(workers), driver)
        sys.exit(VIOLATION if survivors else NOTHING_FOUND)
    with even_if_nobody_listens():
        for mutant in chosen:
            source = f" (seen in {mutant.seen_in})" if mutant.seen_in else ""
            click.echo(f"{mutant.number:>3}  {mutant.name:<31} {mutant.rule}{source}")


@cli.command()
def subjects() -> None:
    """List the subjects and their settings."""
    with even_if_nobody_listens():
        for factory in SUBJECTS.values():
            click.echo(f"{factory.name}: {factory.summary} ({factory.network} network)")
            for setting in factory.settings:
                click.echo(f"    --set {setting.name}={setting.default}  {setting.meaning}")
        for bridge in bridges().values():
            click.echo(f"{bridge.name}: {bridge.summary} (see `raft-oracle bridges`)")
        click.echo("ADAPTER.py[:NAME]: a SubjectFactory of your own, see CONTRIBUTING.md")
        click.echo("-- COMMAND ...: an adapter in any language, see docs/protocol.md")


cli.add_command(bridge_command)
cli.add_command(bridges_command)
cli.add_command(explore_command)
cli.add_command(figure16_command)
cli.add_command(init)
cli.add_command(logger_command)


def read_budget(text: str | None, steps: int | None) -> Budget:
    """A budget from --budget or --steps."""
    if steps is not None:
        if text is not None:
            raise UsageError("budget: found both --budget and --steps, expected one of them")
        if steps < 1:
            raise UsageError(f"steps: found {steps}, expected at least 1")
        return Budget(steps=steps)
    if text is None:
        return Budget(seconds=DEFAULT_BUDGET)
    matched = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(s|m|h)", text)
    seconds = float(matched[1]) * {"s": 1, "m": 60, "h": 3600}[matched[2]] if matched else 0
    if seconds <= 0 or not math.isfinite(seconds):
        raise UsageError(f"budget: found {text!r}, expected a time such as 30s, 5m or 2h")
    return Budget(seconds=seconds)


def check_seed(seed: int) -> None:
    """A seed fits into 64 bits, as it is written to files."""
    if not -(2**63) <= seed < 2**63:
        raise UsageError(f"seed: found {seed}, expected a whole number of 64 bits")


def read_schedule(path: Path) -> SavedSchedule:
    """A saved schedule from a file."""
    try:
        saved = load_schedule(path.read_bytes())
    except OSError as error:
        raise UsageError(f"schedule {path}: {error.strerror}") from None
    except ScheduleError as error:
        raise UsageError(f"schedule {path}: {error}") from None
    except RecursionError:
        raise UsageError(f"schedule {path}: nested too deeply, expected a schedule") from None
    if saved.property not in (None, *BROKEN_NAMES):
        expected = ", ".join(BROKEN_NAMES)
        raise UsageError(
            f"schedule {path}: property: found {saved.property!r}, expected one of {expected}, null"
        )
    return saved


def main() -> None:
    """Run a command; wrong usage is one line and exit code 64."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    open_what_is_closed()
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.exceptions.Abort, InterruptedHuntError):
        say("interrupted")
        sys.exit(INCONCLUSIVE)
    except click.exceptions.NoArgsIsHelpError:
        say(f"expected a command: {', '.join(sorted(cli.commands))}; see --help")
        sys.exit(WRONG_USAGE)
    except click.ClickException as error:
        say(error.format_message())
        sys.exit(WRONG_USAGE)
    except NotReproducedError as error:
        say(f"the subject is not deterministic: {error}")
        sys.exit(INCONCLUSIVE)
    except UsageError as error:
        say(str(error))
        sys.exit(WRONG_USAGE)
    except OSError as error:
        drop_output(error)
        sys.exit(INCONCLUSIVE)


def say(text: str) -> None:
    """One line on standard error, without what a terminal would obey, and not endless."""
    line = "".join(each if each.isprintable() else "?" for each in " ".join(text.split()))
    line = line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}..."
    click.echo(f"raft-oracle: {line}", err=True)


if __name__ == "__main__":
    main()
