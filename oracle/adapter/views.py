"""The servers as an adapter shows them: what changed, put together with what was seen before.

A view that contradicts itself or the one before is a failure of the adapter, which names the
field, what was found, and what was expected.
"""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Final, get_args

from model.subject import FURTHEST, SubjectError
from oracle.adapter.wire import Configuration, LogEnd, ServerName, ServerView
from properties.view import MACHINE, MEMBERSHIP, REPLICATION, UNOBSERVED, VOTE, ObservedView, Vote
from raft_core import SERVERS, Entry, Index, Log, Membership, Role, Server, Vector

ROLES: Final = {role.value: role for role in Role}
NAME_OF: Final[tuple[ServerName, ...]] = get_args(ServerName)


class Views:
    """All servers of a cluster, as last seen."""

    def __init__(self, servers: int, observes: frozenset[str]) -> None:
        self.members = SERVERS[:servers]
        self.servers = {str(server): server for server in self.members}
        self._shows_votes = VOTE in observes
        self._shows_members = MEMBERSHIP in observes
        self._shows_machine = MACHINE in observes
        self._shows_replication = REPLICATION in observes
        self.seen: dict[Server, ObservedView] = {}
        self.writes: dict[Server, int] = {}
        """How many writes are under way at each server."""
        self._said: dict[Server, tuple[object, tuple[Index, Membership]]] = {}
        """The configuration in force, as each server's last view wrote it and as its log has it."""

    def server(self, name: str, *field: object) -> Server:
        """The server of this name; SubjectError where the cluster has none."""
        server = self.servers.get(name)
        if server is None:
            place = ".".join(map(str, field))
            raise SubjectError(
                f"{place}: found {name!r}, expected one of {', '.join(self.servers)}"
            )
        return server

    def start_all(self, shown: Mapping[ServerName, ServerView]) -> None:
        """All servers as they are after a reset."""
        self.seen.clear()
        for name in self.servers:
            if name not in shown:
                raise SubjectError(f"views: found no {name} after reset, expected all servers")
        self.update(shown)

    def start(self, server: Server, shown: Mapping[ServerName, ServerView]) -> None:
        """A server that started from its disk shows its whole log."""
        view = shown.get(NAME_OF[server])
        if view is None:
            raise SubjectError(f"views: found no {server} after its restart, expected its view")
        if view.log is None:
            raise SubjectError(
                f"views.{server}.log: found none after a restart, expected the whole log"
            )
        known = self.seen.pop(server)
        memberships = () if view.voters is None else known.log.memberships
        self.update({NAME_OF[server]: view}, Log(memberships=memberships))
        self.update({name: each for name, each in shown.items() if each is not view})

    def update(self, shown: Mapping[ServerName, ServerView], start: Log | None = None) -> None:
        """What has changed."""
        for name, view in shown.items():
            server = self.server(name, "views")
            known = self.seen.get(server)
            log = (start or Log()) if known is None else known.log
            self.writes[server] = view.writes
            self.seen[server] = self._view(server, view, log)

    def _view(self, server: Server, view: ServerView, before: Log) -> ObservedView:
        """One server's view, made from its report and its log as last seen."""
        for field, number in (("term", view.term), ("snapshot", view.snapshot[0])):
            if number > FURTHEST:
                what = f"found {number}, expected at most {FURTHEST:,}"
                raise SubjectError(f"views.{server}.{field}: {what}")
        log = self._log(server, view, before)
        if self._shows_machine and view.digest is None:
            raise SubjectError(f"views.{server}.digest: found none, expected it in every view")
        if self._shows_members and view.voters is None:
            raise SubjectError(f"views.{server}.voters: found none, expected them in every view")
        vote: Vote = None if view.vote is None else self.server(view.vote, "views", server, "vote")
        next_index: tuple[Index, ...] = ()
        match_index: tuple[Index, ...] = ()
        if self._shows_replication and view.role == "leader":
            last = log.last_index
            next_index = self._indexes(server, "next", view, view.next, 1, last + 1)
            match_index = self._indexes(server, "match", view, view.match, 0, last)
        return ObservedView(
            role=ROLES[view.role],
            current_term=view.term,
            log=log,
            commit_index=view.commit,
            last_applied=view.applied,
            voted_for=vote if self._shows_votes else UNOBSERVED,
            next_index=next_index,
            match_index=match_index,
            applied_digest=view.digest,
        )

    def _indexes(
        self,
        server: Server,
        field: str,
        view: ServerView,
        shown: Mapping[ServerName, Index],
        blank: Index,
        own: Index,
    ) -> tuple[Index, ...]:
        """A leader's index of every server; only a server that is no member may be left out."""
        indexes = [shown.get(NAME_OF[each]) for each in self.members]
        if len(shown) + indexes.count(None) != len(indexes):
            for name in shown:
                self.server(name, "views", server, field)
        if indexes[server] is None:
            indexes[server] = own
        if view.voters is None and None in indexes:
            missing = self.members[indexes.index(None)]
            raise SubjectError(
                f"views.{server}.{field}: found no {missing}, expected all other servers"
            )
        return tuple([blank if each is None else each for each in indexes])

    def _log(self, server: Server, view: ServerView, before: Log) -> Log:
        """The log after its snapshot, with a new end, and with the configuration in force."""
        log = before
        index, term = view.snapshot
        if (index, term) != (log.snapshot_index, log.snapshot_term):
            if index < log.snapshot_index and (view.log is None or view.log.first != index + 1):
                raise SubjectError(
                    f"views.{server}.snapshot: found {index} after {log.snapshot_index} "
                    f"without the whole log, expected log.from {index + 1}"
                )
            kept = log.entries.slice(index - log.snapshot_index, len(log.entries))
            if index < log.snapshot_index:
                kept = ()
            entries = Vector[Entry]().extended(kept)
            log = Log(entries, index, term, log.memberships)
        if view.log is not None:
            log = with_end(server, log, view.log)
        return log if view.voters is None else self._with_voters(server, log, view)

    def _with_voters(self, server: Server, log: Log, view: ServerView) -> Log:
        """The log with the configuration in force, from the index on that put it in force."""
        known = log.memberships
        said = (view.voters, view.learners, view.new_voters, view.voters_since)
        if known and not view.earlier and self._said.get(server) == (said, known[-1]):
            return log
        latest = Configuration(view.voters or (), view.learners, view.new_voters, view.voters_since)
        for each in (*view.earlier, latest):
            membership = Membership(
                self._group(server, "voters", each.voters),
                self._group(server, "learners", each.learners),
                self._group(server, "new_voters", each.new_voters),
            )
            since = each.voters_since
            if not known or known[-1] != (since, membership):
                earlier = tuple([pair for pair in known if pair[0] < since])
                known = (*earlier, (since, membership))
        self._said[server] = (said, known[-1])
        if known is log.memberships:
            return log
        return Log(log.entries, log.snapshot_index, log.snapshot_term, known)

    def _group(
        self, server: Server, field: str, names: tuple[ServerName, ...]
    ) -> tuple[Server, ...]:
        """Servers, ascending."""
        return tuple(sorted({self.server(name, "views", server, field) for name in names}))


def with_end(server: Server, log: Log, end: LogEnd) -> Log:
    """A log with other entries from one index on; the same log where nothing is different."""
    first, last = end.first, log.last_index
    if not log.snapshot_index < first <= last + 1:
        raise SubjectError(
            f"views.{server}.log.from: found {first}, expected {log.first_index} to {last + 1}: "
            f"the entries that are known end at {last}"
        )
    entries = tuple([Entry(term, content) for term, content in end.entries])
    if first > last:
        return log.appended(entries) if entries else log
    if log.entries_from(first, last) == entries:
        return log
    changed = log.truncated_from(first).appended(entries)
    memberships = memberships_kept(log, first, entries)
    if changed.memberships == memberships:
        return changed
    return Log(changed.entries, changed.snapshot_index, changed.snapshot_term, memberships)


def memberships_kept(
    log: Log, first: Index, entries: Sequence[Entry]
) -> tuple[tuple[Index, Membership], ...]:
    """The configurations that no entry brought which others stand for now, from `first` on."""
    memberships = log.memberships
    if not memberships or memberships[-1][0] < first:
        return memberships
    before = log.entries_from(first, log.last_index)
    pairs = zip(before, entries, strict=False)
    replaced = first + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return tuple([pair for pair in memberships if not replaced <= pair[0] <= log.last_index])
