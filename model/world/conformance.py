"""Every step of a subject whose messages carry their meaning, judged by Raft's rules one by one.

A wrong rule is named at the first step that breaks it, long before it costs an entry.
"""

from collections.abc import Sequence
from typing import cast

from model.failures import PropertyViolatedError
from model.subject import Packet, Sent, Subject, SubjectWithMeanings
from properties.facts import Facts
from properties.rules.conforms import BrokenRule, Conforms
from properties.view import View
from raft_core import Server


class Conformance:
    """The rules for one run, fed with packets."""

    def __init__(
        self, subject: Subject, servers: Sequence[Server], ignored: frozenset[str]
    ) -> None:
        self._subject = cast(SubjectWithMeanings, subject)
        self._servers = servers
        self._rules = Conforms(servers, ignored)

    def reset(self, views: Sequence[View], sent: Sent) -> None:
        """A new run: all servers start."""
        self._rules.reset()
        for server in self._servers:
            self.start(server, views[server], sent_by(server, sent))

    def start(self, server: Server, view: View, sent: Sent) -> None:
        """A server starts from its disk."""
        blame(server, self._rules.start(server, view))
        self.step(server, view, None, view, sent, [])

    def crash(self, server: Server) -> None:
        """A server stops."""
        self._rules.crash(server)

    def step(
        self,
        server: Server,
        before: View,
        packet: Packet | None,
        after: View,
        sent: Sent,
        facts: Facts,
        crashed: bool = False,
    ) -> None:
        """PropertyViolatedError where a step breaks a rule; the server may have crashed in it."""
        received = None if packet is None else self._subject.meaning(packet)
        if packet is not None and received is None:
            self._rules.miss(server)
        told = [each for each in map(self._subject.meaning, sent) if each is not None]
        if crashed:
            self._rules.crash_inside(server, told)
        else:
            blame(server, self._rules.step(server, before, received, after, told, facts))


def sent_by(server: Server, sent: Sent) -> Sent:
    """The packets of one server, of those that several sent."""
    return tuple(each for each in sent if each.source == server)


def blame(server: Server, broken: Sequence[BrokenRule]) -> None:
    """Raise the first broken rule, if there is any."""
    for each in broken:
        raise PropertyViolatedError(each.violation(server))
