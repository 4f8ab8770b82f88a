"""The subjects that the command line knows, and how a file of the user's becomes one.

May import: importlib, pathlib, typing, model, oracle's adapters.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from attrs import evolve

from model.mutants import MUTANT_BY_NAME
from model.reference import ReferenceFactory
from model.setup import Setup
from model.subject import NetworkKind, SubjectFactory
from oracle.pysyncobj_subject import PYSYNCOBJ
from properties.checker import BY_NAME
from properties.view import KNOWN_OBSERVATIONS
from raft_core import MAX_SERVERS

REFERENCE_FACTORY: SubjectFactory = ReferenceFactory()
SUBJECTS: dict[str, SubjectFactory] = {
    factory.name: factory for factory in (REFERENCE_FACTORY, PYSYNCOBJ)
}


class UsageError(ValueError):
    """Something that the user typed does not fit: what, and what was expected."""


def find_subject(name: str) -> SubjectFactory:
    """The subject of this name, or the factory in the Python file of this path."""
    if name in SUBJECTS:
        return SUBJECTS[name]
    path, _, attribute = name.partition(".py:")
    if name.endswith(".py") or attribute:
        return load_factory(Path(path if name.endswith(".py") else f"{path}.py"), attribute)
    known = ", ".join(SUBJECTS)
    raise UsageError(f"subject: found {name!r}, expected {known}, or a file ADAPTER.py[:NAME]")


def load_factory(path: Path, attribute: str) -> SubjectFactory:
    """The SubjectFactory called `attribute` (else FACTORY) in a Python file, loaded by its path."""
    attribute = attribute or "FACTORY"
    if not path.is_file():
        raise UsageError(f"subject: no file {path}")
    module = load_module(path)
    factory = getattr(module, attribute, None)
    if factory is None:
        raise UsageError(f"subject {path}: found no {attribute}, expected a SubjectFactory")
    members = ("name", "summary", "network", "observes", "settings", "version", "create")
    missing = [member for member in members if not hasattr(factory, member)]
    if missing:
        raise UsageError(f"subject {path}:{attribute}: lacks {missing[0]} of a SubjectFactory")
    unknown = sorted(set(factory.observes) - KNOWN_OBSERVATIONS)
    if unknown:
        raise UsageError(f"subject {path}:{attribute}: observes unknown {unknown[0]!r}")
    checked: SubjectFactory = factory
    return checked


def load_module(path: Path) -> ModuleType:
    """Run a Python file as a module of its own, whatever its name."""
    name = f"raft_oracle_adapter_{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise UsageError(f"subject: {path} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        detail = str(error).splitlines()[0] if str(error) else "no message"
        raise UsageError(f"subject {path}: {type(error).__name__}: {detail}") from error
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
    factory = find_subject(subject)
    if mutant is not None:
        if mutant not in MUTANT_BY_NAME:
            raise UsageError(
                f"mutant: found {mutant!r}, expected a name that `raft-oracle mutants` lists"
            )
        if not isinstance(factory, ReferenceFactory):
            raise UsageError(f"mutant: a mutant is one of reference, found subject {subject!r}")
        known = MUTANT_BY_NAME[mutant]
        factory = evolve(factory, protocol=known.protocol())
        servers = servers or known.servers
        settings = {**known.settings, **settings}
    servers = 3 if servers is None else servers
    if not 1 <= servers <= MAX_SERVERS:
        raise UsageError(f"servers: found {servers}, expected 1 to {MAX_SERVERS}")
    check_settings(factory, settings)
    for name in sorted(ignore):
        if name not in BY_NAME and name != "SubjectFailed":
            expected = ", ".join(BY_NAME)
            raise UsageError(f"ignore: found {name!r}, expected one of {expected}, SubjectFailed")
    return Setup(
        factory=factory,
        servers=servers,
        network=network or factory.network,
        settings=settings,
        ignore=ignore,
        mutant=mutant,
    )


def check_settings(factory: SubjectFactory, settings: dict[str, str]) -> None:
    """Every setting is one that the subject knows."""
    known = {setting.name for setting in factory.settings}
    for name in settings:
        if name not in known:
            expected = ", ".join(sorted(known)) or "none"
            raise UsageError(f"setting: {factory.name} has no {name!r}, expected {expected}")
