"""Rules of changes of the configuration."""

from typing import Final

from properties.rules.elections import names_of
from properties.rules.knowledge import Knowledge
from properties.rules.replication import NO_COMMIT, NO_LOG
from properties.rules.shown import shows_everything, was_committed
from properties.rules.vocabulary import (
    HOLDS,
    Broken,
    Configured,
    Missing,
    Outcome,
    Rule,
    Settled,
)
from raft_core import Role

NO_LEADERS_CHANGE: Final = Missing("the change of the configuration at its leader")


def change_is_one_step(server: Knowledge, after: Configured) -> Outcome:
    """One voter more or less, or by way of both majorities; a sole voter may do several at once."""
    if server.voters is None or server.role is not Role.LEADER:
        return None
    if (after.voters, after.joining) == (server.voters, server.joining):
        return None
    before = Configured(server.voters, server.joining, learners=server.learners)
    for each in (*one_by_one(server, after), after):
        if isinstance(found := one_step(server, before, each), Broken):
            return found
        before = each
    return HOLDS


def one_by_one(server: Knowledge, after: Configured) -> tuple[Configured, ...]:
    """What a leader puts in force before a configuration in the same step, if that was permitted.

    It had forgotten in a crash that these were committed, and knew of what was made after them.
    Where nobody had committed them, the next one came too early, and all are one change.
    """
    are_known = all((each.index or 0) <= server.known_before for each in after.passed)
    return after.passed if are_known else ()


def one_step(server: Knowledge, before: Configured, after: Configured) -> Outcome:
    """Whether two configurations have majorities that meet."""
    joining = before.joining
    legal = set[frozenset[frozenset[int]]]()
    if joining:  # also back to the old half, whose majority it needed, too
        legal = {
            frozenset({joining}),
            frozenset({before.voters, joining}),
            frozenset({before.voters}),
        }
        legal.add(frozenset({joining, after.joining}))  # each majority meets one of the new half
    elif after.joining:
        legal = {
            frozenset({after.joining, before.voters}),
            frozenset({after.voters, before.voters}),
        }
    elif len(before.voters ^ after.voters) <= 1:
        return HOLDS
    halves = frozenset({after.voters, after.joining} if after.joining else {after.voters})
    forgotten = before.learners - after.learners - after.voters
    if halves == {joining} and forgotten and after.voters != {server.server}:
        return Broken(f"{names_of(server, forgotten)} left out", "who learns goes on learning")
    if halves in legal:
        return HOLDS
    found = f"voters {names_of(server, before.voters)} -> {names_of(server, after.voters)}"
    return Broken(found, "one voter more or less, or a joint configuration between")


def change_follows_commit(server: Knowledge, after: Configured) -> Outcome:
    """A leader changes the configuration once the last change is committed.

    A change by one voter also waits for an entry of the leader's own term.
    """
    before = server.voters
    if before is None or server.role is not Role.LEADER or after.index is None:
        return None
    if (after.voters, after.joining) == (before, server.joining):
        return None
    if server.commit is None or server.configured_at is None:
        return NO_COMMIT
    if server.configured_at > server.commit and not was_committed(server, server.configured_at):
        found = f"another configuration, and entry {server.configured_at} with the last one"
        return Broken(f"{found} is not committed", f"none before {server.configured_at} is")
    if server.joining or after.joining:
        return HOLDS
    term = server.log.term_at(server.commit)
    if term is None or term == server.term:
        return HOLDS if term is not None else NO_LOG
    found = f"a change in term {server.term}, and the last entry committed is of term {term}"
    return Broken(found, f"none before an entry of term {server.term} is committed")


def configuration_has_entry(server: Knowledge, after: Configured) -> Outcome:
    """A configuration comes into force by an entry of the log, which a leader has made."""
    both, cluster = (after.voters, after.joining), server.cluster
    if not server.is_configured or not shows_everything(cluster):
        return None
    if both == (server.voters, server.joining):
        return None
    term = server.log.term_at(after.index or 0)
    there = cluster.changes.get(after.index or 0)
    is_same_entry = there is not None and term is not None and there[0] == term
    if there is not None and is_same_entry and there[1:3] != both:
        found = f"the configuration {names_of(server, after.voters)} at {after.index}"
        legal = f"{names_of(server, there[1])}, as {cluster.name(there[3])} has it"
        return Broken(found, legal)
    if server.role is Role.LEADER or both in cluster.configurations:
        return HOLDS
    if after.joining or any(is_next(each, after.voters) for each in cluster.configurations):
        return NO_LEADERS_CHANGE
    found = f"voters {names_of(server, server.voters or frozenset())} -> "
    return Broken(found + names_of(server, after.voters), "a configuration that a leader made")


def is_next(before: tuple[frozenset[int], frozenset[int]], voters: frozenset[int]) -> bool:
    """Whether a leader under the one configuration may have made the other."""
    return voters == before[1] or (not before[1] and len(before[0] ^ voters) <= 1)


def configuration_is_latest(server: Knowledge, settled: Settled) -> Outcome:
    """A server is under the latest configuration of its log, or of the snapshot before that.

    Within a step it may not be: a log may be cut and filled again before its configuration is.
    """
    now, latest, last = settled.now, settled.latest, server.log.last_index
    if now.index is None or last is None:
        return NO_LOG
    found = f"the configuration {names_of(server, now.voters)} at {now.index}"
    if now.index > last:
        return Broken(f"{found}, and a log up to {last}", "one that stands in the log")
    if latest is None or (latest.index or 0) <= now.index:
        return HOLDS
    if (latest.voters, latest.joining) == (now.voters, now.joining):
        return HOLDS  # of a snapshot it is said at the snapshot's end
    return Broken(found, f"{names_of(server, latest.voters)}, which the log has at {latest.index}")


MEMBERS_RULES: Final = (
    Rule(
        "ChangeIsOneStep",
        "A configuration changes by one voter, or by way of a joint one.",
        "section 6, Figure 11; thesis, sections 4.1 and 4.3",
        change_is_one_step,
    ),
    Rule(
        "ChangeFollowsCommit",
        "A leader changes the configuration once the last change, and an entry of its own term, "
        "are committed.",
        "section 6; thesis, section 4.1, with Ongaro's correction of 2015",
        change_follows_commit,
    ),
    Rule(
        "ConfigurationHasEntry",
        "A configuration comes into force by an entry of the log, which a leader has made.",
        "section 6; thesis, section 4.1",
        configuration_has_entry,
    ),
)
SETTLED_RULES: Final = (
    Rule(
        "ConfigurationIsLatest",
        "A server is under the latest configuration of its log.",
        "section 6; thesis, section 4.1",
        configuration_is_latest,
    ),
)
