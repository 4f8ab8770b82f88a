"""Schedules on paper: Python that evaluates to itself, and JSON with a version."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from attrs import fields, frozen

from model.actions import ACTION_TYPES, Action, Schedule, Settle
from model.actions.base import SELDOM
from model.subject import NetworkKind
from model.target import NamedSubject, Target
from raft_core import SERVERS, Server

FORMAT: Final = "raft-oracle schedule"
VERSION: Final = 1
MOST_ACTIONS: Final = 100_000
"""More than any run has: a schedule from elsewhere takes seconds, and no gigabytes."""
MOST_ROUNDS: Final = 100
"""Of a fair schedule, five times as many as a hunt gives: each takes longer than the one before."""
LONGEST_TEXT: Final = 100_000
"""Characters of one command: to lay out a longer one takes longer than anybody waits."""
LISTS: Final = ("actions", "macro", "found")

SERVER_BY_NAME: Final = {repr(server): server for server in SERVERS}
TYPE_BY_NAME: Final = {each.__name__: each for each in ACTION_TYPES}
NAMES: Final[dict[str, object]] = {**TYPE_BY_NAME, **SERVER_BY_NAME}
"""What a printed schedule needs to evaluate: `eval(repr(schedule), NAMES)`."""


NOT_READABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""How msgspec says that bytes are not the JSON that was expected, or nested beyond measure."""


class ScheduleError(ValueError):
    """A schedule that cannot be read: what, where, and what was expected."""


class Head(msgspec.Struct, kw_only=True):
    """What stands in a stored schedule before its actions."""

    subject: str
    subject_version: str
    servers: int
    network: NetworkKind
    settings: dict[str, str]
    mutant: str | None
    ignore: list[str]
    driver: str
    seed: int
    property: str | None


@frozen(kw_only=True)
class SavedSchedule:
    """A schedule with all that is needed to run it again.

    `actions` are the micro actions; `macro` is the schedule in macro actions that was shrunk
    to them, `found` the one that the driver made. `property` is what it breaks, or None.
    """

    target: Target
    subject_version: str
    driver: str
    seed: int
    property: str | None
    actions: Schedule
    macro: Schedule = ()
    found: Schedule = ()

    def head(self) -> Head:
        """What stands in the stored schedule before the actions."""
        target = self.target
        return Head(
            subject=target.subject.text,
            subject_version=self.subject_version,
            servers=target.servers,
            network=target.network,
            settings=dict(sorted(target.settings.items())),
            mutant=target.mutant,
            ignore=sorted(target.ignore),
            driver=self.driver,
            seed=self.seed,
            property=self.property,
        )


def dump_action(action: Action) -> dict[str, object]:
    """An action as a JSON object: its name, then its fields; servers by name."""
    members = [
        each
        for each in fields(type(action))
        if SELDOM not in each.metadata or getattr(action, each.name) != each.default
    ]
    return {
        "action": type(action).__name__,
        **{each.name: _plain(getattr(action, each.name)) for each in members},
    }


def dump_schedule(saved: SavedSchedule) -> bytes:
    """A saved schedule as JSON, one action a line."""
    head: dict[str, object] = {"format": FORMAT, "version": VERSION}
    head |= msgspec.structs.asdict(saved.head())
    lines = [f"  {_json(name)}: {_json(value)}" for name, value in head.items()]
    for name in LISTS:
        rows = ",\n".join(f"    {_json(dump_action(each))}" for each in getattr(saved, name))
        lines.append(f'  "{name}": [\n{rows}\n  ]' if rows else f'  "{name}": []')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def json_of(value: object) -> bytes:
    """JSON of anything, with question marks for what is no UTF-8, as in the name of a file.

    JSON cannot name such a file, and what there is to tell is told.
    """
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(in_utf_8(msgspec.to_builtins(value)))


def in_utf_8(value: object) -> object:
    """The same texts, lists and objects, with texts that can be written."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {in_utf_8(name): in_utf_8(each) for name, each in value.items()}
        case list() | tuple():
            return [in_utf_8(each) for each in value]
        case _:
            return value


def load_schedule(data: bytes, read_subject: Callable[[str], NamedSubject]) -> SavedSchedule:
    """Read a saved schedule; ScheduleError says what is wrong with it, and where.

    `read_subject` gives the subject that words name; what it raises for others passes.
    """
    raw = read_document(data)
    servers = raw.get("servers")
    if not isinstance(servers, int) or not 1 <= servers <= len(SERVERS):
        raise ScheduleError(f"servers: found {servers!r}, expected 1 to {len(SERVERS)}")
    lists = {name: load_actions(raw.pop(name, []), name, servers) for name in LISTS}
    try:
        head = msgspec.convert(raw, Head)
    except msgspec.ValidationError as error:
        raise ScheduleError(str(error)) from None
    target = Target(
        subject=read_subject(head.subject),
        servers=head.servers,
        network=head.network,
        settings=head.settings,
        ignore=frozenset(head.ignore),
        mutant=head.mutant,
    )
    return SavedSchedule(
        target=target,
        subject_version=head.subject_version,
        driver=head.driver,
        seed=head.seed,
        property=head.property,
        **lists,
    )


def read_document(data: bytes) -> dict[str, Any]:
    """The JSON object of a schedule, of this format and version, without unknown fields."""
    try:
        raw = msgspec.json.decode(data)
    except NOT_READABLE as error:
        raise ScheduleError(f"not JSON: {error}") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else type(raw).__name__
        raise ScheduleError(f"format: found {found!r}, expected {FORMAT!r}")
    if raw.get("version") != VERSION or isinstance(raw.get("version"), bool):
        raise ScheduleError(f"version: found {raw.get('version')!r}, expected {VERSION}")
    known = {*Head.__struct_fields__, *LISTS, "format", "version"}
    if unknown := sorted(set(raw) - known):
        raise ScheduleError(f"found unknown field {unknown[0]!r}")
    return raw


def load_actions(raw: object, where: str, servers: int) -> Schedule:
    """Read a list of actions for a cluster of so many servers."""
    if not isinstance(raw, list):
        raise ScheduleError(f"{where}: found {type(raw).__name__}, expected a list of actions")
    check_length(len(raw), where)
    return tuple(
        load_action(each, f"{where}[{position}]", servers) for position, each in enumerate(raw)
    )


def check_length(actions: int, where: str) -> None:
    """ScheduleError where a list is longer than any that a driver makes."""
    if actions > MOST_ACTIONS:
        raise ScheduleError(
            f"{where}: found {actions:,} actions, expected at most {MOST_ACTIONS:,}"
        )


def load_action(raw: object, where: str, servers: int) -> Action:
    """Read one action."""
    if not isinstance(raw, dict) or "action" not in raw:
        raise ScheduleError(f'{where}: expected an object with an "action"')
    name = raw["action"]
    kind = TYPE_BY_NAME.get(name) if isinstance(name, str) else None
    if kind is None:
        expected = ", ".join(sorted(TYPE_BY_NAME))
        raise ScheduleError(f"{where}: found unknown action {name!r}, expected one of {expected}")
    given = {key: value for key, value in raw.items() if key != "action"}
    known = {each.name for each in fields(kind)}
    if unknown := sorted(set(given) - known):
        raise ScheduleError(f"{where}: {name} has no field {unknown[0]!r}")
    try:
        action: Action = msgspec.convert(given, kind, dec_hook=_server)
    except (msgspec.ValidationError, ScheduleError) as error:
        raise ScheduleError(f"{where}: {name}: {error}") from None
    try:
        check_action(action, servers)
    except ScheduleError as error:
        raise ScheduleError(f"{where}: {name}: {error}") from None
    return action


def check_action(action: Action, servers: int) -> None:
    """What types do not say: counts are in their limits, and servers are of this cluster."""
    for each in fields(type(action)):
        value = getattr(action, each.name)
        if type(value) is int and value < 0 and each.name != "age":
            raise ScheduleError(f"{each.name}: found {value}, expected 0 or more")
        if type(value) is str and len(value) > LONGEST_TEXT:
            found = f"found {len(value):,} characters"
            raise ScheduleError(f"{each.name}: {found}, expected at most {LONGEST_TEXT:,}")
    if isinstance(action, Settle) and action.rounds > MOST_ROUNDS:
        raise ScheduleError(f"rounds: found {action.rounds}, expected at most {MOST_ROUNDS}")
    named = servers_of(action)
    for server in named:
        if server >= servers:
            raise ScheduleError(f"found {server!r} in a cluster of {servers}")
    if action.is_between_two and len(set(named)) < len(named):
        raise ScheduleError(f"both ends are {named[0]!r}")


def servers_of(action: Action) -> tuple[Server, ...]:
    """Every server that an action names."""
    found: list[Server] = []
    for each in fields(type(action)):
        value = getattr(action, each.name)
        if isinstance(value, Server):
            found.append(value)
        elif isinstance(value, tuple):
            found += value
    return tuple(found)


def _plain(value: Any) -> object:
    if isinstance(value, Server):
        return repr(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _json(value: object) -> str:
    return msgspec.json.format(json_of(value), indent=0).decode()


def _server(kind: type, value: object) -> object:
    if kind is Server and isinstance(value, str) and value in SERVER_BY_NAME:
        return SERVER_BY_NAME[value]
    raise ScheduleError(f"found {value!r}, expected a server from s1 to s{len(SERVERS)}")
