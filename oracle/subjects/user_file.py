"""A user's Python file as a subject: loaded by its path, with its factory guarded."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from model.subject import SubjectFactory
from oracle.subjects.guarded import exception_in_one_line, guarded_factory
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import repr_in_one_line
from properties.view import KNOWN_OBSERVATIONS


def load_factory(path: Path, attribute: str) -> SubjectFactory:
    """The SubjectFactory called `attribute`, or FACTORY, in a Python file loaded by its path."""
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
        raise UsageError(f"subject {path}: {attribute}: {exception_in_one_line(error)}") from error
    unknown = sorted(map(repr_in_one_line, factory.observes - KNOWN_OBSERVATIONS))
    if unknown:
        expected = ", ".join(sorted(KNOWN_OBSERVATIONS))
        raise UsageError(
            f"subject {path}: {attribute}: observes: found {unknown[0]}, "
            f"expected some of {expected}"
        )
    return factory


def load_module(path: Path, what: str = "subject") -> ModuleType:
    """Run a Python file as a module of its own, whatever its name; what lies beside it is found.

    `what` it is for is said where it does not load.
    """
    name = f"raft_oracle_adapter_{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    if specification is None or specification.loader is None:
        raise UsageError(f"{what}: {path} is not a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        specification.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        detail = (
            f"SyntaxError: {error}"
            if isinstance(error, SyntaxError)
            else exception_in_one_line(error)
        )
        raise UsageError(f"{what} {path}: {detail}, expected a Python file that loads") from error
    return module
