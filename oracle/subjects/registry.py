"""The subjects that the command line knows, and how the user's file or command becomes one."""

import importlib.util
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
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
from oracle.subjects.guarded import guarded_factory, shown, told
from oracle.subjects.pysyncobj.subject import PYSYNCOBJ
from oracle.subjects.raftos.subject import RAFTOS
from oracle.terminal.usage import UsageError, patience
from properties.checker import BY_NAME
from properties.rules.conforms import CONFORMS, RULE_NAMES
from properties.view import KNOWN_OBSERVATIONS
from raft_core import MAX_SERVERS

REFERENCE_FACTORY: Final = ReferenceFactory()
SUBJECTS: dict[str, SubjectFactory] = {
    factory.name: factory for factory in (REFERENCE_FACTORY, PYSYNCOBJ, RAFTOS)
}
BROKEN_NAMES = tuple(
    dict.fromkeys((*BY_NAME, PROGRESS, CHANGE_PROGRESS, CONFORMS, *RULE_NAMES, SUBJECT_FAILED))
)
"""What a violation may be called: every property and rule, no progress, a subject's failure."""


def is_file(subject: str) -> bool:
    """Whether a subject is named by a Python file."""
    is_python = subject.endswith(".py") or ".py:" in subject
    return is_python and subject not in SUBJECTS and not is_command(subject)


def is_command(subject: str) -> bool:
    """Whether a subject is named by a command: two dashes, and how a shell would start it."""
    return subject.startswith("--")


def is_bridge(subject: str) -> bool:
    """Whether a subject is a bridge of ours to an implementation in another language."""
    return subject in bridges()


def is_child(subject: str) -> bool:
    """Whether a subject runs in a process of its own."""
    return is_command(subject) or is_bridge(subject)


def is_foreign(subject: str) -> bool:
    """Whether nobody knows what a subject does: the user's own, and programs of others."""
    return is_file(subject) or is_child(subject)


def command_of(subject: str) -> tuple[str, ...]:
    """The words of a command that names a subject."""
    try:
        words = shlex.split(subject.removeprefix("--"))
    except ValueError as error:
        raise UsageError(f"subject: found {subject!r}, expected a command: {error}") from None
    if not words:
        raise UsageError("subject: found no command behind --, expected a program")
    return tuple(words)


def named_by(command: Sequence[str]) -> str:
    """The subject of a command."""
    return f"-- {shlex.join(command)}"


def absolute_word(word: str, is_program: bool) -> str:
    """A word of a command; where it names a file, so that this is found from every directory."""
    is_path = "/" in word if is_program else os.path.isfile(word) and not word.startswith("-")
    return os.path.abspath(word) if is_path else word


def absolute(subject: str) -> str:
    """The same subject, named so that it is found from every directory."""
    if is_command(subject):
        words = enumerate(command_of(subject))
        return named_by([absolute_word(word, place == 0) for place, word in words])
    if not is_file(subject):
        return subject
    path, attribute = split(subject)
    return f"{os.path.abspath(path)}:{attribute}" if attribute else os.path.abspath(path)


def split(subject: str) -> tuple[Path, str]:
    """The file of `ADAPTER.py:NAME`, and the name, which may be empty."""
    if subject.endswith(".py"):
        return Path(subject), ""
    path, _, attribute = subject.rpartition(".py:")
    return Path(f"{path}.py"), attribute


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


def load_factory(path: Path, attribute: str) -> SubjectFactory:
    """The SubjectFactory called `attribute` (else FACTORY) in a Python file, loaded by its path."""
    attribute = attribute or "FACTORY"
    if not path.is_file():
        raise UsageError(f"subject: found no file {path}")
    module = load_module(path)
    found = getattr(module, attribute, None)
    if found is None:
        raise UsageError(f"subject {path}: found no {attribute}, expected a SubjectFactory")
    try:
        factory: SubjectFactory = guarded_factory(found)
    except ValueError as error:
        raise UsageError(f"subject {path}: {attribute}: {error}") from None
    except Exception as error:
        raise UsageError(f"subject {path}: {attribute}: {told(error)}") from error
    unknown = sorted(map(shown, factory.observes - KNOWN_OBSERVATIONS))
    if unknown:
        expected = ", ".join(sorted(KNOWN_OBSERVATIONS))
        raise UsageError(
            f"subject {path}: {attribute}: observes: found {unknown[0]}, "
            f"expected some of {expected}"
        )
    return factory


def load_module(path: Path) -> ModuleType:
    """Run a Python file as a module of its own, whatever its name; what lies beside it is found."""
    name = f"raft_oracle_adapter_{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise UsageError(f"subject: {path} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        specification.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        detail = f"SyntaxError: {error}" if isinstance(error, SyntaxError) else told(error)
        raise UsageError(f"subject {path}: {detail}, expected a Python file that loads") from error
    return module


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
