"""`raft-oracle play`: step through a run in a browser on this machine."""

import sys
from contextlib import suppress
from pathlib import Path

import click
import msgspec

from model.schedule import dump_action
from model.subject import NetworkKind
from model.target import TargetRequest
from oracle.commands.names import (
    completed,
    scenario_names,
    subject_names,
)
from oracle.commands.options import read_settings
from oracle.commands.shared_options import mutant_option, network_option, settings_option
from oracle.commands.trust import check_trust, remember_named, trust_option
from oracle.formats.schedule_file import read_written
from oracle.hunting.plan import HuntPlan, make_plan
from oracle.pictures.report_page import play_page
from oracle.playing.moves import answer
from oracle.playing.server import PlayServer
from oracle.processes.browser import open_in_browser
from oracle.processes.signals import on_signals
from oracle.subjects.naming import absolute_settings, read_subject
from oracle.terminal.output import echo
from oracle.terminal.usage import UsageError, patience


@click.command(name="play")
@click.argument(
    "source",
    metavar="[SCHEDULE|SCENARIO]",
    required=False,
    shell_complete=completed(scenario_names, True),
    type=click.Path(path_type=Path),
)
@click.option(
    "--subject",
    metavar="NAME",
    shell_complete=completed(subject_names, True),
    default="reference",
    help="Subject that is played, named as for `hunt` (default: reference).",
)
@click.option(
    "--servers",
    type=click.IntRange(1, 9),
    default=3,
    help="Number of servers in the cluster (default: 3).",
)
@network_option("the subject is made for")
@mutant_option("Known mistake to build into the subject, as for `hunt` (default: none).")
@settings_option()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of 127.0.0.1 to listen on; 0 is any that is free (default: 0).",
)
@click.option(
    "--open/--no-open",
    "opens",
    default=True,
    help="Whether the address is opened in a browser (default: it is).",
)
@trust_option
def play(
    source: Path | None,
    subject: str,
    servers: int,
    network: NetworkKind | None,
    mutant: str | None,
    settings: tuple[str, ...],
    port: int,
    opens: bool,
    is_trusted: bool,
) -> None:
    """Step through a run in a browser: choose what happens next, go back, save.

    It begins with a SCHEDULE or SCENARIO, or at the start. The page offers what may happen next at
    every server and link, does it on the real subject, and checks every property. What a schedule
    names runs as it says; the options are for a run from the start. The server answers on this
    machine alone, until Ctrl-C.
    """
    patience()
    if source is None:
        request = TargetRequest(
            subject=read_subject(subject),
            servers=servers,
            network=network,
            settings=absolute_settings(read_subject(subject), read_settings(settings)),
            mutant=mutant,
        )
        remember_named(request.subject, request.settings)
        serve(make_plan(request), [], port, opens)
        return
    written = read_written(source)
    check_trust(written.saved.target, source, is_trusted)
    actions = [dump_action(action) for action in written.saved.actions]
    try:
        plan = make_plan(written.saved.target)
    except UsageError as error:
        raise UsageError(f"schedule {source}: {error}") from error
    serve(plan, actions, port, opens)


def serve(plan: HuntPlan, actions: list[dict[str, object]], port: int, opens: bool) -> None:
    """Answer one browser until Ctrl-C."""
    page, policy = play_page(f"play {plan.target.subject.text}", msgspec.json.encode(actions))
    try:
        server = PlayServer(page, policy, port)
    except OSError as error:
        raise UsageError(f"port: cannot listen on 127.0.0.1:{port}: {error.strerror}") from None
    with server:
        echo(f"{plan.world()}.\nOpen {server.address} (Ctrl-C ends it)")
        sys.stdout.flush()
        if opens:
            open_in_browser(server.address)
        with suppress(KeyboardInterrupt), on_signals(server.end):
            server.serve(lambda asked: answer(plan, asked))
    echo("ended")
