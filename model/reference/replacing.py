"""A copy of raft_core's functions in which names mean what was put in their place.

Functions are copied over namespaces of their own. A class is copied only if one of its methods was
replaced, or calls what was: values of two classes are never equal, so that what need not differ
stays one class. Where there are such classes, what replacements and starts of servers give is
brought into them.
"""

import inspect
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import CodeType, FunctionType
from typing import Any, Final, TypeAlias

from attrs import fields, has

import raft_core.chunks
import raft_core.commit
import raft_core.contact
import raft_core.durable
import raft_core.election
import raft_core.entry
import raft_core.extended
import raft_core.extensions
import raft_core.log
import raft_core.machine
import raft_core.membership
import raft_core.messages
import raft_core.prevote
import raft_core.reads
import raft_core.reconfiguration
import raft_core.replication
import raft_core.server
import raft_core.snapshot
import raft_core.state
import raft_core.transfer
import raft_core.types
import raft_core.vector
from model.reference import disk as durability
from model.reference import slow_disk

MODULES: Final = (
    raft_core.commit,
    raft_core.chunks,
    raft_core.machine,
    raft_core.replication,
    raft_core.election,
    raft_core.durable,
    raft_core.server,
    raft_core.snapshot,
    raft_core.contact,
    raft_core.prevote,
    raft_core.transfer,
    raft_core.reconfiguration,
    raft_core.reads,
    raft_core.extended,
    raft_core.entry,
    raft_core.extensions,
    raft_core.log,
    raft_core.membership,
    raft_core.messages,
    raft_core.state,
    raft_core.types,
    raft_core.vector,
    durability,
    slow_disk,
)
WHOLE: Final = raft_core.extended.__name__
DISK: Final = durability.__name__
SLOW_DISK: Final = slow_disk.__name__

Replacement: TypeAlias = Callable[..., Any]
Layer: TypeAlias = Mapping[str, Replacement]
"""Replacements by the full names of what they replace."""
Member: TypeAlias = FunctionType | property | classmethod  # type: ignore[type-arg]  # of any class


def members_of(kind: type) -> dict[str, Member]:
    """The methods and properties that a class defines in its text, without what attrs wrote."""
    names = vars(sys.modules[kind.__module__])
    return {
        name: member
        for name, member in vars(kind).items()
        if isinstance(member, Member) and function_of(member).__globals__ is names
    }


def function_of(member: Any) -> FunctionType:
    """The function behind a method or a property."""
    if isinstance(member, property):
        return member.fget  # type: ignore[return-value]  # all of raft_core's can be read
    function: FunctionType = getattr(member, "__func__", member)
    return function


def replaceable() -> dict[str, FunctionType]:
    """Everything that can be replaced, by its full name."""
    found: dict[str, FunctionType] = {}
    for module in MODULES:
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if isinstance(value, FunctionType):
                found[f"{module.__name__}.{name}"] = value
            elif isinstance(value, type) and has(value):
                for each, member in members_of(value).items():
                    found[f"{module.__name__}.{name}.{each}"] = function_of(member)
    return found


def check_replacement(name: str, replacement: object) -> None:
    """ValueError where there is no such name, or the replacement cannot be called like it."""
    known = replaceable()
    if name not in known:
        raise ValueError(unknown_name(name, known))
    if not callable(replacement):
        raise ValueError(f"{name}: found {replacement!r} to replace it, expected a function")
    expected = inspect.signature(known[name])
    try:
        inspect.signature(replacement).bind(*expected.parameters)
    except (TypeError, ValueError):
        found = inspect.signature(replacement)
        names = f"({', '.join(found.parameters)})", f"({', '.join(expected.parameters)})"
        raise ValueError(
            f"{name}: found a replacement that takes {names[0]}, expected one that takes {names[1]}"
        ) from None


def unknown_name(name: str, known: Mapping[str, FunctionType]) -> str:
    """What is said of a name that there is not: what there is in its module, or the modules."""
    modules = sorted({each.__module__ for each in known.values()})
    within = [each for each in modules if name.startswith(f"{each}.")]
    names = sorted(known)
    if within:
        names = [each for each in names if each.startswith(f"{within[-1]}.")]
    near = get_close_matches(name, names, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    there = [each.removeprefix(f"{within[-1]}.") for each in names] if within else modules
    place = f"one in {within[-1]}" if within else "a function or a method in one"
    return f"found {name!r}{meant}, expected {place} of {', '.join(there)}"


class Names(dict[str, Any]):
    """The global names of a replacement: those of what is replaced mean what stands there.

    Each is looked up when it is first used, as the rest of its module may come later.
    """

    def __init__(self, module: dict[str, Any], meant: Callable[[object], object]) -> None:
        super().__init__(__builtins__=module["__builtins__"])
        self._module, self._meant = module, meant

    def __missing__(self, name: str) -> Any:
        value = self._meant(self._module[name])
        if isinstance(value, FunctionType) and value.__globals__ is self._module:
            value = over(value, self)  # a helper of the replacement
        self[name] = value
        return value


class Copy:
    """All functions of raft_core and of the model's disk anew, with these layers on top."""

    def __init__(self, layers: tuple[Layer, ...]) -> None:
        self.namespaces: dict[str, dict[str, Any]] = {
            module.__name__: dict(vars(module)) for module in MODULES
        }
        self.copies: dict[type, type] = {}
        """Classes that are copied, each with its copy."""
        self._instead: dict[int, Any] = {}
        """By the identity of a function or a class, what stands in its place."""
        known = replaceable()
        self._replaced = {id(known[name]) for layer in layers for name in layer}
        self._is_one_of_several = sum(map(len, layers)) > 1
        for function in known.values():
            self._instead[id(function)] = over(function, self.namespaces[function.__module__])
        for kind in classes_to_copy({name: known[name] for layer in layers for name in layer}):
            self.copies[kind] = self._instead[id(kind)] = copied_class(kind)
        for layer in layers:
            for name, replacement in layer.items():
                self._replace(known[name], replacement)
        for kind, copy in self.copies.items():
            self._fill(kind, copy)
        for namespace in self.namespaces.values():
            for name, value in namespace.items():
                namespace[name] = self._instead.get(id(value), value)

    def adopting(self, function: Replacement) -> Replacement:
        """A function whose results are values of this protocol, with all that they hold."""
        if not self.copies:
            return function
        return lambda *arguments: self._adopted(function(*arguments))

    def _adopted(self, value: Any) -> Any:
        """A value with all that it holds in the classes of this protocol; itself where it is."""
        kind = type(value)
        if kind is tuple:
            items = tuple(map(self._adopted, value))
            return value if all(map(is_same, items, value)) else items
        if not has(kind):
            return value
        before = [getattr(value, each.name) for each in fields(kind)]
        after = list(map(self._adopted, before))
        meant = self.copies.get(kind, kind)
        if meant is kind and all(map(is_same, before, after)):
            return value
        adopted: Any = object.__new__(meant)
        for each, part in zip(fields(kind), after, strict=True):
            object.__setattr__(adopted, each.name, part)
        return adopted

    def _replace(self, original: FunctionType, replacement: Replacement) -> None:
        """Put a replacement in the place of what stands there; its own name still means that."""
        below = self._instead[id(original)]
        if isinstance(replacement, FunctionType) and self._is_one_of_several:

            def meant(value: object) -> Any:
                if value is original:
                    return below
                return self._instead[id(value)] if id(value) in self._replaced else value

            replacement = over(replacement, Names(replacement.__globals__, meant))
        self._instead[id(original)] = self.adopting(replacement)

    def _fill(self, kind: type, copy: type) -> None:
        """Give a copied class its methods, over this protocol's names."""
        for name, member in members_of(kind).items():
            function = self._instead[id(function_of(member))]
            is_function = isinstance(member, FunctionType)
            wrapped: Callable[[Any], Any] = type(member)
            setattr(copy, name, function if is_function else wrapped(function))


def is_same(left: object, right: object) -> bool:
    """Whether two are one object."""
    return left is right


def classes_to_copy(replaced: Mapping[str, FunctionType]) -> list[type]:
    """The classes with a method that is replaced, or with one that names what is."""
    changed = {each.__name__ for each in replaced.values() if each.__name__ == each.__qualname__}
    owners = {name.rpartition(".")[0] for name in replaced}
    kinds = [
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and has(value)
    ]
    found: list[type] = []
    more = kinds
    while more:
        more = [
            kind
            for kind in kinds
            if kind not in found
            and (f"{kind.__module__}.{kind.__name__}" in owners or changed & names_of(kind))
        ]
        found += more
        changed |= {kind.__name__ for kind in more}
    return found


def names_of(kind: type) -> set[str]:
    """The global names that the methods of a class use."""
    return set().union(
        *(names_in(function_of(each).__code__) for each in members_of(kind).values())
    )


def copied_class(kind: type) -> type:
    """A class with the same fields, whose instances are instances of the original too."""
    return type(kind)(kind.__name__, (kind,), {"__slots__": (), "__module__": kind.__module__})


def names_in(code: CodeType) -> set[str]:
    """The global names that a function uses, in what is defined within it too."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return {*code.co_names}.union(*(names_in(each) for each in inner))


def over(function: FunctionType, names: dict[str, Any]) -> FunctionType:
    """A copy of a function that looks its global names up in `names`."""
    copy = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy
