"""Properties of a user's own: what a Python file has of them, checked where they answer.

Only the command line, or a test of the user's, names such a file: a schedule that is stored names
the property alone.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, get_args

from attrs import evolve

from oracle.subjects.guarded import exception_in_one_line
from oracle.subjects.naming import file_and_name
from oracle.subjects.user_file import load_module
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import one_line, repr_in_one_line
from properties.facts import Fact
from properties.property import Breach, Property
from properties.view import KNOWN_OBSERVATIONS

FACTS: Final = frozenset(get_args(Fact))


def absolute_words(text: str) -> str:
    """The same words, so that the file is found from every directory."""
    return str(Path(text).absolute())


def own_properties(named: Iterable[str], taken: Iterable[str]) -> tuple[Property, ...]:
    """The properties of these files, whose names are not among those that are `taken`."""
    found = tuple(each for text in named for each in loaded(text))
    names = list(taken)
    for each in found:
        if each.name in names:
            raise UsageError(f"property: found two that are called {each.name!r}, expected one")
        names.append(each.name)
    return found


@lru_cache
def loaded(text: str) -> tuple[Property, ...]:
    """The properties in FILE.py, or the one in FILE.py:NAME; UsageError if there are none."""
    path, name = file_and_name(text)
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"property: found no file {file}")
    values = vars(load_module(file, "property"))
    if name:
        values = {name: values[name]} if name in values else {}
    found = [each for each in values.values() if isinstance(each, Property)]
    if not found:
        what = f"no {name}" if name else "no property"
        raise UsageError(f"property {file}: found {what}, expected a raft_oracle.Property")
    return tuple(checked(each, file) for each in found)


def checked(found: Property, file: Path) -> Property:
    """A property whose answers are looked at; UsageError where its fields do not fit."""
    where = f"property {file}: {one_line(str(found.name))}"
    if not isinstance(found.name, str) or not found.name.isidentifier():
        raise UsageError(f"{where}: expected a name of letters, such as NoTwoLeaders")
    if unknown := sorted(map(str, set(found.needs) - KNOWN_OBSERVATIONS)):
        expected = ", ".join(sorted(KNOWN_OBSERVATIONS))
        raise UsageError(f"{where}: needs {unknown[0]!r}, expected some of {expected}")
    if not found.facts or not set(found.facts) <= FACTS:
        expected = ", ".join(sorted(each.__name__ for each in FACTS))
        raise UsageError(
            f"{where}: facts {repr_in_one_line(found.facts)}, expected some of {expected}"
        )

    def check(history: Any, fact: Any) -> Any:
        return asked(found.check, where, "check", history, fact)

    def initial(servers: int) -> Any:
        return asked(found.initial, where, "initial", servers)

    return evolve(found, check=check, initial=initial)


def asked(function: Callable[..., Any], where: str, name: str, *arguments: object) -> Any:
    """What a function of the user's gives; a mistake in it is one line that names it."""
    try:
        result = function(*arguments)
    except Exception as error:
        raise UsageError(f"{where}: {name}() raised {exception_in_one_line(error)}") from error
    if isinstance(result, Breach) and isinstance(result.detail, str):
        return evolve(result, detail=one_line(result.detail))
    try:
        hash(result)
    except TypeError:
        expected = "expected a Breach, or a history that does not change"
        raise UsageError(f"{where}: {name}() gave {repr_in_one_line(result)}, {expected}") from None
    return result
