"""The subjects that the command line knows, and how the user's file or command becomes one."""

from typing import Final

from attrs import evolve

from model.failures import SUBJECT_FAILED
from model.mutants import MUTANT_BY_NAME, Mutant
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from model.subject import NetworkKind, SubjectError, SubjectFactory
from model.world.macro_actions import CHANGE_PROGRESS, PROGRESS
from oracle.adapter.subject import ChildFactory, child_factory
from oracle.bridging.build import adapter_command
from oracle.bridging.description import BridgeMutant, bridges, find_bridge
from oracle.subjects.naming import command_of, is_bridge, is_command, is_file
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ
from oracle.subjects.raftos.subject import RAFTOS
from oracle.subjects.user_file import load_factory, split
from oracle.terminal.usage import UsageError, patience
from properties.checker import BY_NAME
from properties.rules.conforms import CONFORMS, RULE_NAMES
from raft_core import MAX_SERVERS

REFERENCE_FACTORY: Final = ReferenceFactory()
SUBJECTS: dict[str, SubjectFactory] = {
    factory.name: factory for factory in (REFERENCE_FACTORY, PYSYNCOBJ, RAFTOS)
}
BROKEN_NAMES = tuple(
    dict.fromkeys((*BY_NAME, PROGRESS, CHANGE_PROGRESS, CONFORMS, *RULE_NAMES, SUBJECT_FAILED))
)
"""What a violation may be called: every property and rule, no progress, a subject's failure."""


def find_subject(name: str, mutant: str | None = None) -> SubjectFactory:
    """The subject of this name, or the factory in this Python file, or behind this command.

    A bridge is built if need be, with its mutant.
    """
    if name in SUBJECTS:
        return SUBJECTS[name]
    if is_file(name):
        return load_factory(*split(name))
    if is_command(name):
        return load_command(name)
    if is_bridge(name):
        return evolve(started(name, adapter_command(name, mutant)), bridge=name)
    known = ", ".join((*SUBJECTS, *bridges()))
    raise UsageError(
        f"subject: found {name!r}, expected {known}, a file ADAPTER.py[:NAME], or -- COMMAND"
    )


def load_command(name: str) -> SubjectFactory:
    """The adapter behind a command of the user's."""
    return started(name, command_of(name))


def started(name: str, command: tuple[str, ...]) -> ChildFactory:
    """The adapter that a command starts; it is asked who it is."""
    try:
        return child_factory(command, patience())
    except SubjectError as error:
        raise UsageError(f"subject {name}: {error}") from None


def make_setup(
    subject: str,
    servers: int | None,
    network: NetworkKind | None,
    settings: dict[str, str],
    ignore: frozenset[str],
    mutant: str | None,
) -> Setup:
    """A Setup from what the user typed; UsageError where it does not fit."""
    factory = find_subject(subject, mutant)
    if mutant is not None:
        planted: BridgeMutant | Mutant
        if is_bridge(subject):
            planted = find_bridge(subject).mutant(mutant)
        else:
            planted = mutant_of_reference(factory, mutant)
            factory = evolve(REFERENCE_FACTORY, protocol=planted.protocol())
        servers = planted.servers if servers is None else servers
        settings = {**planted.settings, **settings}
    servers = 3 if servers is None else servers
    if not 1 <= servers <= MAX_SERVERS:
        raise UsageError(f"servers: found {servers}, expected 1 to {MAX_SERVERS}")
    check_settings(factory, settings)
    for name in sorted(ignore):
        if name not in BROKEN_NAMES:
            expected = ", ".join(BROKEN_NAMES)
            raise UsageError(f"ignore: found {name!r}, expected one of {expected}")
    return Setup(
        factory=factory,
        servers=servers,
        network=network or factory.network,
        settings=settings,
        ignore=ignore,
        mutant=mutant,
    )


def mutant_of_reference(factory: SubjectFactory, name: str) -> Mutant:
    """The mutant of this name; UsageError where there is none, or the subject is not ours."""
    if name not in MUTANT_BY_NAME:
        raise UsageError(
            f"mutant: found {name!r}, expected a name that `raft-oracle mutants` lists"
        )
    if not isinstance(factory, ReferenceFactory):
        raise UsageError(
            f"mutant: a mutant is one of reference or of a bridge, found subject {factory.name!r}"
        )
    return MUTANT_BY_NAME[name]


def check_settings(factory: SubjectFactory, settings: dict[str, str]) -> None:
    """Every setting is one that the subject knows."""
    if isinstance(factory, ChildFactory) and factory.takes_any_setting:
        return
    known = {setting.name for setting in factory.settings}
    for name in settings:
        if name not in known:
            expected = ", ".join(sorted(known)) or "no setting at all"
            raise UsageError(f"set: {factory.name} has no {name!r}, expected {expected}")
