"""The subjects that the command line knows, and how the user's file or command becomes one."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from attrs import evolve

from model.failures import SUBJECT_FAILED
from model.mutants import MUTANT_BY_NAME, Mutant
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from model.subject import SubjectError, SubjectFactory
from model.target import (
    Bridge,
    Command,
    Directory,
    InProcess,
    NamedSubject,
    Reference,
    Target,
    TargetRequest,
    UserFile,
)
from model.world.fair_schedule import PROGRESS_NAMES
from oracle.adapter.factory import AdapterFactory, adapter_factory
from oracle.bridging.build import adapter_command
from oracle.bridging.description import BridgeMutant, find_bridge
from oracle.bridging.own_source import SETTING, digest_of_source, source_in
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ
from oracle.subjects.raftos.subject import RAFTOS
from oracle.subjects.user_file import load_factory
from oracle.terminal.choices import not_found, not_one_of
from oracle.terminal.usage import UsageError, patience
from oracle.unmodified.build import Program, built_directory
from properties.checker import BY_NAME
from properties.rules.conforms import CONFORMS, RULE_NAMES
from raft_core import MAX_SERVERS

REFERENCE_FACTORY: Final = ReferenceFactory()
IN_PROCESS_FACTORIES: Final[Mapping[str, SubjectFactory]] = {
    factory.name: factory for factory in (REFERENCE_FACTORY, PYSYNCOBJ, RAFTOS)
}
BROKEN_NAMES = tuple(
    dict.fromkeys((*BY_NAME, *PROGRESS_NAMES, CONFORMS, *RULE_NAMES, SUBJECT_FAILED))
)
"""What a violation may be called: every property and rule, no progress, a subject's failure."""


def factory_of(
    subject: NamedSubject,
    mutant: str | None = None,
    program: Program | None = None,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> SubjectFactory:
    """The factory of a subject; a bridge is built if need be, with its mutant and its version.

    So is a directory, unless the program is there that was built from it.
    """
    match subject:
        case Reference() | InProcess():
            return IN_PROCESS_FACTORIES[subject.text]
        case UserFile(path, attribute):
            return load_factory(Path(path), attribute)
        case Command(words):
            return started(subject, words)
        case Bridge(name):
            found = started(subject, adapter_command(name, mutant, settings))
            origin = source_in(name, settings)
            sources = "" if origin is None else f"sources {digest_of_source(origin)[:8]}"
            built_from = () if find_bridge(name).library is None else (SETTING,)
            return evolve(found, bridge=name, sources=sources, built_from=built_from)
        case Directory(path):
            program = program or built_directory(path)
            found = started(subject, program.command, program.called)
            return evolve(found, sources=program.version)


def started(subject: NamedSubject, command: tuple[str, ...], called: str = "") -> AdapterFactory:
    """The adapter that a command starts; it is asked who it is."""
    try:
        return adapter_factory(command, patience(), called)
    except SubjectError as error:
        if error.told:
            raise UsageError(f"subject: {subject.text}: cannot start: {error.told}") from None
        raise UsageError(f"subject {subject.text}: {error}") from None


def make_setup(wanted: Target | TargetRequest, program: Program | None = None) -> Setup:
    """The setup that a target or a request describes; UsageError where it does not fit.

    Of a directory, the program is what was built from it before.
    """
    factory = factory_of(wanted.subject, wanted.mutant, program, wanted.settings)
    servers, settings = wanted.servers, dict(wanted.settings)
    if wanted.mutant is not None:
        planted: BridgeMutant | Mutant
        if isinstance(wanted.subject, Bridge):
            planted = find_bridge(wanted.subject.text).mutant(wanted.mutant)
        else:
            planted = mutant_of_reference(factory, wanted.mutant)
            factory = evolve(REFERENCE_FACTORY, protocol=planted.protocol())
        servers = planted.servers if servers is None else servers
        settings = {**planted.settings, **settings}
    setup = Setup(
        factory=factory,
        servers=3 if servers is None else servers,
        network=wanted.network or factory.network,
        settings=settings,
        ignore=wanted.ignore,
        mutant=wanted.mutant,
    )
    check(setup)
    return setup


def check(setup: Setup) -> None:
    """UsageError where servers, settings or what is ignored do not fit."""
    if not 1 <= setup.servers <= MAX_SERVERS:
        raise UsageError(f"servers: found {setup.servers}, expected 1 to {MAX_SERVERS}")
    check_settings(setup.factory, setup.settings)
    for name in sorted(setup.ignore):
        if name.partition("@")[0] not in BROKEN_NAMES:  # after it, at what kind of step it breaks
            raise UsageError(f"ignore: {not_one_of(name, BROKEN_NAMES)}")


def mutant_of_reference(factory: SubjectFactory, name: str) -> Mutant:
    """The mutant of this name; UsageError if there is none, or it is another subject's."""
    if name not in MUTANT_BY_NAME:
        raise UsageError(
            f"mutant: {not_found(name, MUTANT_BY_NAME)}, expected a name that "
            "`raft-oracle mutants` lists"
        )
    if not isinstance(factory, ReferenceFactory):
        raise UsageError(
            f"mutant: a mutant is one of reference or of a bridge, found subject {factory.name!r}"
        )
    return MUTANT_BY_NAME[name]


def check_settings(factory: SubjectFactory, settings: Mapping[str, str]) -> None:
    """Every setting is one that the subject knows."""
    if isinstance(factory, AdapterFactory) and factory.takes_any_setting:
        return
    known = {setting.name for setting in factory.settings}
    for name in settings:
        if name not in known:
            expected = ", ".join(sorted(known)) or "none: it has no settings"
            what = f"expected a setting of {factory.name}: {expected}"
            raise UsageError(f"set: {not_found(name, known)}, {what}")
