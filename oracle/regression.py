"""What a generated regression test calls."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from attrs import evolve

from model.actions import Schedule
from model.target import Target
from oracle.hunting.plan import make_plan
from oracle.hunting.play_safely import play_safely
from oracle.subjects.naming import found_path, found_settings, read_subject, reader_in
from oracle.subjects.own_property import absolute_words
from oracle.terminal.usage import UsageError
from properties.property import Violation


def violation_of_schedule(
    schedule: Schedule,
    subject: str,
    servers: int,
    network: Literal["any", "fifo"],
    settings: Mapping[str, str],
    mutant: str | None = None,
    ignore: Iterable[str] = (),
    beside: str = "",
    properties: Iterable[str] = (),
) -> Violation | None:
    """The violation to which a schedule leads from a fresh start, with its trace; or None.

    `beside` is the file to which the subject's paths are relative; empty where they are not.
    `properties` are files with properties of one's own, FILE.py or FILE.py:NAME, found likewise.
    UsageError says in one line why the subject cannot be run.
    """
    __tracebackhide__ = True
    try:
        folder = Path(beside).parent
        named_subject = reader_in(folder)(subject) if beside else read_subject(subject)
        target = Target(
            subject=named_subject,
            servers=servers,
            network=network,
            settings=found_settings(named_subject, settings, folder) if beside else settings,
            ignore=frozenset(ignore),
            mutant=mutant,
        )
        named = (found_path(each, folder) if beside else each for each in properties)
        files = tuple(map(absolute_words, named))
        result = play_safely(evolve(make_plan(target), property_files=files), schedule)
    except UsageError as error:
        raise UsageError(str(error)) from None
    violation = result.violation
    return None if violation is None else evolve(violation, trace=f"\n{result.trace}")
