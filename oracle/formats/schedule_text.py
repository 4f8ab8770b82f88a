"""A schedule as short text that a person writes: an action a line, or several with `;` between.

    # Figure 8 of the paper.
    servers 5
    stage S1 leads and replicates entry 2 to S2 only.
    elect S1
    client_request S1 x
    deliver S1 -> S2
    expect S2 log=1@2
    crash S1

An action is its name in any spelling (`ElectionTimeout`, `election_timeout`), then its fields in
their order or as name=value; several servers are joined by commas. What runs stands above the first
action, and is the reference with three servers unless it is said. `stage` begins a part of the
story; `expect` says what has to hold at a server at that moment.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias, get_type_hints

from attrs import NOTHING, evolve, fields, frozen

from model.actions import ACTION_TYPES, Action, Schedule
from model.schedule import SERVER_BY_NAME, SavedSchedule, ScheduleError, load_action
from model.target import NamedSubject, Reference, Target
from oracle.terminal.choices import not_one_of
from raft_core import SERVERS, Server

ReadSubject: TypeAlias = Callable[[str], NamedSubject]
TYPE_BY_WORD: Final = {each.__name__.lower(): each for each in ACTION_TYPES}
HEADER: Final = ("subject", "servers", "network", "mutant", "set", "ignore", "breaks")
EXPECTED: Final = ("role", "term", "vote", "commit", "applied", "log")
ROLES: Final = ("follower", "candidate", "pre-candidate", "leader", "down")
LONGEST: Final = 200
"""Characters of a line that an error repeats."""


@frozen
class Expectation:
    """What has to hold at a server once so many actions have happened."""

    after: int
    server: Server
    name: str
    value: str
    line: int

    def in_words(self) -> str:
        """As it was written, and where."""
        return f"line {self.line}: {self.server} {self.name}={self.value}"


@frozen
class Stage:
    """A part of the story, from so many actions on."""

    after: int
    title: str


@frozen
class Story:
    """What an author says around a schedule."""

    stages: tuple[Stage, ...] = ()
    expectations: tuple[Expectation, ...] = ()


MOST_CHARACTERS: Final = 200_000
MOST_WRITTEN: Final = 10_000
"""A schedule that is written by hand takes no longer than one that is stored."""
NO_STORY: Final = Story()


@frozen
class WrittenSchedule:
    """A schedule with its story."""

    saved: SavedSchedule
    story: Story = NO_STORY


@frozen
class Draft:
    """What has been read so far."""

    target: Target
    breaks: str | None = None
    actions: Schedule = ()
    stages: tuple[Stage, ...] = ()
    expectations: tuple[Expectation, ...] = ()


def read_schedule_text(text: str, read_subject: ReadSubject) -> WrittenSchedule:
    """The schedule that a text tells; ScheduleError says what is wrong, and in which line."""
    check_length(text)
    draft = Draft(Target(subject=Reference(), servers=3, network="any"))
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            draft = with_line(draft, line, number, read_subject)
        except ScheduleError as error:
            raise ScheduleError(f"line {number}: {error}") from None
    if not draft.actions:
        raise ScheduleError("not JSON, and found no action in it, expected at least one")
    saved = SavedSchedule(
        target=draft.target,
        subject_version="",
        driver="written",
        seed=0,
        property=draft.breaks,
        actions=draft.actions,
    )
    return WrittenSchedule(saved, Story(draft.stages, draft.expectations))


def with_line(draft: Draft, line: str, number: int, read_subject: ReadSubject) -> Draft:
    """What has been read, and one more line."""
    if line.strip().startswith("stage "):
        title = line.strip().removeprefix("stage ").strip()
        return bounded(evolve(draft, stages=(*draft.stages, Stage(len(draft.actions), title))))
    for words in clauses(line):
        draft = bounded(with_clause(draft, words, number, read_subject))
    return draft


def check_length(text: str) -> None:
    """ScheduleError where a text is longer than anybody writes."""
    if len(text) > MOST_CHARACTERS:
        raise ScheduleError(f"found {len(text):,} characters, expected at most {MOST_CHARACTERS:,}")


def bounded(draft: Draft) -> Draft:
    """The same; ScheduleError where it is longer than anybody writes."""
    found = len(draft.actions) + len(draft.stages) + len(draft.expectations)
    if found > MOST_WRITTEN:
        raise ScheduleError(f"found more than {MOST_WRITTEN:,} actions, stages and expectations")
    return draft


def clauses(line: str) -> Iterator[list[str]]:
    """The words of a line, split as a shell would, from one semicolon to the next."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";")
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError as error:
        raise ScheduleError(f"found {line[:LONGEST]!r}: {str(error).lower()}") from None
    clause: list[str] = []
    for word in (*words, ";"):
        if set(word) != {";"}:
            clause.append(word)
        elif clause:
            yield clause
            clause = []


def with_clause(
    draft: Draft, words: Sequence[str], number: int, read_subject: ReadSubject
) -> Draft:
    """What has been read, and one more line about what runs, action or expectation."""
    first = words[0].lower()
    if first in HEADER:
        return with_header(draft, first, words[1:], read_subject)
    if first == "expect":
        found = expectations(words[1:], len(draft.actions), number, draft.target.servers)
        return evolve(draft, expectations=(*draft.expectations, *found))
    action = read_action(words, draft.target.servers)
    return evolve(draft, actions=(*draft.actions, action))


def with_header(draft: Draft, name: str, words: Sequence[str], read_subject: ReadSubject) -> Draft:
    """What has been read, and a line about what runs."""
    if draft.actions:
        raise ScheduleError(f"found {name!r} after an action, expected it above the first")
    if not words:
        raise ScheduleError(f"{name}: found nothing, expected what it is")
    value = " ".join(words)
    if name == "breaks":
        return evolve(draft, breaks=value)
    if name == "subject":
        return evolve(draft, target=evolve(draft.target, subject=read_subject(value)))
    return evolve(draft, target=with_condition(draft.target, name, words))


def with_condition(target: Target, name: str, words: Sequence[str]) -> Target:
    """A target under one more of the conditions that a header names."""
    value = " ".join(words)
    match name:
        case "servers":
            return evolve(target, servers=whole(value, "servers", 1, len(SERVERS)))
        case "network":
            if value not in ("any", "fifo"):
                raise ScheduleError(f"network: found {value!r}, expected any or fifo")
            return evolve(target, network="fifo" if value == "fifo" else "any")
        case "mutant":
            return evolve(target, mutant=value)
        case "ignore":
            return evolve(target, ignore=target.ignore | {*words})
        case _:
            return evolve(target, settings={**target.settings, **dict(map(setting, words))})


def setting(word: str) -> tuple[str, str]:
    """A setting, NAME=VALUE."""
    name, equals, value = word.partition("=")
    if not equals:
        raise ScheduleError(f"set: found {word!r}, expected NAME=VALUE")
    return name, value


def whole(text: str, name: str, least: int | None = None, most: int | None = None) -> int:
    """A whole number within bounds."""
    number = int(text) if re.fullmatch("-?[0-9]{1,18}", text) else None
    is_within = number is not None and (least is None or least <= number)
    if number is None or not is_within or (most is not None and number > most):
        bounds = "" if most is None else f" from {least} to {most}"
        raise ScheduleError(f"{name}: found {text!r}, expected a whole number{bounds}")
    return number


def read_action(words: Sequence[str], servers: int) -> Action:
    """One action from its words."""
    kind = TYPE_BY_WORD.get(words[0].lower().replace("_", "").replace("-", ""))
    if kind is None:
        known = sorted(each.__name__ for each in ACTION_TYPES)
        raise ScheduleError(not_one_of(words[0], known))
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind)]
    given: dict[str, object] = {}
    for word in words[1:]:
        if word == "->":
            continue
        name, equals, value = word.partition("=")
        if not equals or name not in names:
            name, value = next((each for each in names if each not in given), ""), word
        if not name:
            raise ScheduleError(f"found {word!r}, expected no more after {' '.join(names)}")
        given[name] = field_value(name, value, hints[name])
    missing = [each.name for each in fields(kind) if each.default is NOTHING]
    for name in missing:
        if name not in given:
            raise ScheduleError(f"{kind.__name__}: found no {name}, expected {' '.join(names)}")
    return load_action({"action": kind.__name__, **given}, kind.__name__, servers)


def field_value(name: str, text: str, hint: object) -> object:
    """A field of an action from its word, as JSON has it."""
    if hint is Server:
        return repr(server(text))
    if hint == tuple[Server, ...]:
        return [repr(server(each)) for each in text.split(",") if each]
    if hint is bool:
        if text not in ("yes", "no"):
            raise ScheduleError(f"{name}: found {text!r}, expected yes or no")
        return text == "yes"
    return whole(text, name) if hint is int else text


def server(text: str) -> Server:
    """A server by its name, in either case."""
    found = SERVER_BY_NAME.get(text.lower())
    if found is None:
        raise ScheduleError(f"found {text!r}, expected a server from S1 to S{len(SERVERS)}")
    return found


def expectations(
    words: Sequence[str], after: int, line: int, servers: int
) -> Iterator[Expectation]:
    """What a line expects of a server: its role by name alone, all else as name=value."""
    if len(words) < 2:
        raise ScheduleError("expect: found nothing to expect, expected a server and what it is")
    about = server(words[0])
    if about >= servers:
        raise ScheduleError(f"found {words[0]!r} in a cluster of {servers}")
    for word in words[1:]:
        name, equals, value = ("role", "=", word) if word in ROLES else word.partition("=")
        if not equals or name not in EXPECTED:
            known = ", ".join(EXPECTED)
            raise ScheduleError(f"expect: found {word!r}, expected a role or {known} with =VALUE")
        yield Expectation(after, about, name, value, line)


def schedule_text(saved: SavedSchedule, stages: Sequence[Stage] = ()) -> str:
    """A schedule as text that is read again as the same."""
    target = saved.target
    lines = [f"subject {shlex.quote(target.subject.text)}", f"servers {target.servers}"]
    lines += [f"network {target.network}"]
    lines += [f"mutant {target.mutant}"] if target.mutant else []
    lines += [
        f"set {shlex.quote(f'{name}={text}')}" for name, text in sorted(target.settings.items())
    ]
    lines += [f"ignore {name}" for name in sorted(target.ignore)]
    lines += [f"breaks {saved.property}"] if saved.property else []
    titles = {stage.after: stage.title for stage in stages}
    for place, action in enumerate(saved.actions):
        lines += [f"stage {titles[place]}"] if place in titles else []
        lines.append(action_text(action))
    return "\n".join(lines) + "\n"


def action_text(action: Action) -> str:
    """An action as a line."""
    words = [snake_case(type(action).__name__)]
    for each in fields(type(action)):
        value = getattr(action, each.name)
        if each.default is NOTHING:
            words.append(value_text(value))
        elif value != each.default:
            words.append(f"{each.name}={value_text(value)}")
    return " ".join(words)


def snake_case(name: str) -> str:
    """A class's name as words."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")


def value_text(value: object) -> str:
    """A field's value as a word."""
    if isinstance(value, Server):
        return str(value)
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shlex.quote(str(value))
