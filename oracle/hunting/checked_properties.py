"""What a hunt checks of a subject, what it cannot check, and how the subject could show more."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from model.reference.cluster import ReferenceFactory
from model.subject import NetworkKind
from model.target import Bridge, Command, Directory, Reference, UserFile
from model.world.fair_schedule import (
    CHANGE_COMPLETES,
    CHANGE_PROGRESS,
    CLIENT_PROGRESS,
    PROGRESS,
    PROGRESS_NAMES,
    PROGRESS_NEEDS,
)
from oracle.hunting.plan import HuntPlan
from oracle.terminal.usage import UsageError
from properties.checker import BY_NAME, Checker, NotChecked
from properties.rules.conforms import CONFORMS, NEEDS, RULE_NAMES
from properties.view import CLIENTS, MEANINGS, MEMBERSHIP

REFERENCE_SETTING: Final = "meanings"
"""A setting that only the reference lists."""


def beyond_properties(network: NetworkKind) -> Mapping[str, frozenset[str]]:
    """What is checked in addition to the properties, and the observations that this needs.

    Whether a cluster makes progress is judged on networks that may lose messages only.
    """
    if network != "any":
        return {CONFORMS: NEEDS}
    in_change = PROGRESS_NEEDS | {MEMBERSHIP}
    return {
        PROGRESS: PROGRESS_NEEDS,
        CLIENT_PROGRESS: PROGRESS_NEEDS | {CLIENTS},
        CHANGE_PROGRESS: in_change,
        CHANGE_COMPLETES: in_change,
        CONFORMS: NEEDS,
    }


def judged(checker: Checker, network: NetworkKind) -> tuple[list[str], list[NotChecked]]:
    """What is checked, and what cannot be for want of something to see."""
    names = [each.name for each in checker.properties]
    not_checked = list(checker.not_checked)
    for name, needs in beyond_properties(network).items():
        missing = tuple(sorted(needs - checker.observes))
        if name in checker.ignored or (name == CONFORMS and not rules_asked(checker)):
            continue
        if missing:
            not_checked.append(NotChecked(name, missing))
        else:
            names.append(name)
    return names, not_checked


def rules_asked(checker: Checker) -> frozenset[str]:
    """The rules that are not ignored, other than those that are properties too."""
    return frozenset(RULE_NAMES) - checker.ignored - set(BY_NAME)


@frozen
class Coverage:
    """What the blocks of a hunt have looked at, each under what was drawn for it."""

    names: tuple[str, ...]
    """What was checked in any of them."""
    not_checked: tuple[NotChecked, ...]
    reachable: tuple[str, ...]
    """What could have been reached in any of them."""
    drawn: tuple[tuple[str, int], ...]
    """What was drawn, and in how many runs; empty where nothing was."""


def coverage_of(plan: HuntPlan, blocks: Mapping[int, int]) -> Coverage:
    """What blocks, given with how many runs of each counted, have looked at."""
    names: dict[str, None] = {}
    missed: dict[str, NotChecked] = {}
    reachable: dict[str, None] = {}
    drawn: Counter[str] = Counter()
    plain = plan.target.settings.items()
    for number, runs in (blocks or {0: 0}).items():
        block = plan.of_block(number)
        checker, target = block.checker(), block.target
        found, lacking = judged(checker, target.network)
        names |= dict.fromkeys(found)
        missed |= {each.property: each for each in lacking}
        reachable |= dict.fromkeys(each.name for each in checker.reachable)
        settings = sorted(target.settings.items() - plain)
        drawn.update({f"{target.servers} servers": runs})
        drawn.update({f"{name}={value}": runs for name, value in settings})
    return Coverage(
        names=tuple(names),
        not_checked=tuple(each for name, each in missed.items() if name not in names),
        reachable=tuple(reachable),
        drawn=tuple(sorted(drawn.items())) if len(drawn) > 1 else (),
    )


def check_only(plan: HuntPlan, only: Sequence[str]) -> None:
    """UsageError where something that alone is to be checked cannot be, and what would help."""
    further = beyond_properties(plan.target.network)
    known = {**BY_NAME, **{each.name: each for each in plan.own_properties()}}
    for name in only:
        if name in known:
            needs = known[name].needs
        elif name in PROGRESS_NAMES and name not in further:
            raise UsageError(
                f"only: {name} is not checked on a {plan.target.network} network, "
                "expected --network any"
            )
        else:
            needs = further.get(CONFORMS if name in RULE_NAMES else name, frozenset())
        if missing := sorted(needs - plan.observes):
            way = way_to_show(plan, missing) or "a subject that shows them"
            raise UsageError(
                f"only: {name} is not checked, as {plan.target.subject.text} does not show "
                f"{', '.join(missing)}; expected {way}"
            )


def way_to_show(plan: HuntPlan, missing: Sequence[str]) -> str:
    """How a subject could show what it does not: a setting, or what its author can do.

    Empty where the user can do nothing about it.
    """
    match plan.target.subject:
        case Reference() | UserFile() if is_reference(plan):
            return setting_that_shows(plan, missing)
        case Directory():
            return "fields for them, as `--explain` lists those that were found"
        case Command() | Bridge() if MEANINGS in missing:
            return "a `meaning` on its messages, as in docs/protocol.md"
        case Command() | Bridge():
            return "them in `observes` of its reply to hello, as in docs/protocol.md"
        case UserFile() if MEANINGS in missing:
            return "a method `meaning`, and the word in `observes`, as in model/subject.py"
        case UserFile():
            return "them in `observes` of its factory, as in model/subject.py"
        case _:
            return ""


def is_reference(plan: HuntPlan) -> bool:
    """Whether the subject is the reference, whole or changed in a file of the user's."""
    return isinstance(plan.target.subject, Reference) or REFERENCE_SETTING in plan.defaults


def setting_that_shows(plan: HuntPlan, missing: Sequence[str]) -> str:
    """The setting of the reference with which it shows what is missing; empty if there is none."""
    factory = ReferenceFactory()
    for each in factory.settings:
        chosen = {**plan.target.settings, each.name: "on"}
        if each.default == "off" and factory.observes_with(chosen).issuperset(missing):
            return f"--set {each.name}=on"
    return ""
