"""Every rule, by the transition that it is about, and in the form in which a judge asks them.

A rule says with `kinds`, `leads` and `accepts` what it is not about, so that it is not asked there:
that saves a tenth of the time. Asked all the same, it would have nothing to say.
"""

from typing import Any, Final

from properties.rules.changes import MEMBERS_RULES, SETTLED_RULES
from properties.rules.cluster_rules import (
    CLUSTER_APPEND_RULES,
    CLUSTER_APPLY_RULES,
    CLUSTER_COMMIT_RULES,
    CLUSTER_STANDING_RULES,
)
from properties.rules.elections import HANDLED_RULES, STANDING_RULES
from properties.rules.life import (
    APPLY_RULES,
    RECEIVE_RULES,
    SNAPSHOT_RULES,
    START_RULES,
)
from properties.rules.replication import APPEND_RULES, COMMIT_RULES, MATCH_RULES, TRUNCATE_RULES
from properties.rules.requests import LATE_RULES, REQUEST_RULES
from properties.rules.responses import RESPONSE_RULES
from properties.rules.vocabulary import KINDS, Kind, Rule

BY_TRANSITION: Final = {
    "standing": STANDING_RULES + CLUSTER_STANDING_RULES,
    "truncate": TRUNCATE_RULES,
    "append": APPEND_RULES + CLUSTER_APPEND_RULES,
    "commit": COMMIT_RULES + CLUSTER_COMMIT_RULES,
    "match": MATCH_RULES,
    "apply": APPLY_RULES + CLUSTER_APPLY_RULES,
    "snapshot": SNAPSHOT_RULES,
    "members": MEMBERS_RULES,
    "settled": SETTLED_RULES,
    "receive": RECEIVE_RULES,
    "send": REQUEST_RULES + RESPONSE_RULES,
    "late": LATE_RULES,
    "start": START_RULES,
    "handled": HANDLED_RULES,
}
"""Which rules are about which transition, in the order in which they are asked."""
ALL_RULES: Final = tuple(dict.fromkeys(rule for rules in BY_TRANSITION.values() for rule in rules))

Asked = tuple[tuple[int, Any], ...]


def numbered(rules: tuple[Rule, ...]) -> Asked:
    """Rules as the judge asks them: the place where they are counted, and the check."""
    return tuple((ALL_RULES.index(rule), rule.check) for rule in rules)


def by_leadership(rules: tuple[Rule, ...]) -> tuple[Asked, Asked]:
    """Of these rules, those to ask of all but leaders, and those to ask of leaders."""
    others, leaders = (
        numbered(tuple(each for each in rules if each.leads in (None, is_leader)))
        for is_leader in (False, True)
    )
    return others, leaders


def of_message(kind: Kind, accepted: bool | None) -> Asked:
    """The rules to ask of a message that is sent."""
    return numbered(
        tuple(
            rule
            for rule in BY_TRANSITION["send"]
            if rule.kinds is None or kind in rule.kinds
            if rule.accepts in (None, accepted)
        )
    )


STANDING, APPEND, COMMIT = (
    by_leadership(BY_TRANSITION[name]) for name in ("standing", "append", "commit")
)
TRUNCATE, MATCH, APPLY, SNAPSHOT, MEMBERS, SETTLED, RECEIVE, LATE, START, HANDLED = (
    numbered(BY_TRANSITION[name])
    for name in (
        *("truncate", "match", "apply", "snapshot", "members", "settled"),
        *("receive", "late", "start", "handled"),
    )
)
SEND: Final = {
    kind: {accepted: of_message(kind, accepted) for accepted in (None, False, True)}
    for kind in KINDS
}
