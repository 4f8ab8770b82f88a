"""Adapters as subjects: what raft-oracle has to know of one before it makes a cluster of it."""

from collections import deque
from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec
from attrs import frozen

from model.subject import NetworkKind, Packet, Setting, SubjectError
from oracle.adapter.subject import Adapter, AdapterSubject, observed
from properties.view import MEANINGS
from raft_core import SERVERS

TRIED_SERVERS: Final = 3
"""Servers of the cluster whose first messages are looked at."""
TRIED_MESSAGES: Final = 20
"""How many messages after a timeout or a request are delivered, to see what comes of them."""


@frozen
class AdapterFactory:
    """Makes clusters in an adapter's process."""

    adapter: Adapter
    bridge: str = ""
    """The name of the bridge that it is; empty for a command of the user's."""
    sources: str = ""
    """The version of the sources that it was built from; empty where it is the adapter's own."""
    built_from: tuple[Setting, ...] = ()
    """Settings that say what it is built from, of which the adapter itself knows nothing."""

    @property
    def name(self) -> str:
        """What the adapter calls itself."""
        return self.bridge or self.adapter.hello.name

    @property
    def summary(self) -> str:
        """What the adapter says of itself."""
        return self.adapter.hello.summary

    @property
    def network(self) -> NetworkKind:
        """The network that it is made for."""
        return self.adapter.hello.network

    @property
    def observes(self) -> frozenset[str]:
        """What it says that it shows."""
        return observed(self.adapter.hello)

    def observes_with(self, settings: Mapping[str, str]) -> frozenset[str]:
        """What it says that it shows, and message meanings where its first messages have them."""
        if settings and (hidden := self._hidden_with(settings)):
            return self.observes - hidden
        if MEANINGS in self.observes:
            return self.observes
        tried = self.adapter.sends_meanings
        key = tuple(sorted(settings.items()))
        if key not in tried:
            tried[key] = sends_meanings(self.create(TRIED_SERVERS, settings))
        return self.observes | {MEANINGS} if tried[key] else self.observes

    def _hidden_with(self, settings: Mapping[str, str]) -> frozenset[str]:
        """What a cluster with these settings does not show after all."""
        subject = self.create(TRIED_SERVERS, settings)
        try:
            subject.reset()
            return subject.hides
        except SubjectError:
            return frozenset()  # it will fail in a hunt, too
        finally:
            subject.close()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The settings that it lists."""
        listed = self.adapter.hello.settings
        if listed is msgspec.UNSET:
            return ()
        own = tuple(Setting(each.name, each.default, each.meaning) for each in listed)
        return (*own, *self.built_from)

    @property
    def takes_any_setting(self) -> bool:
        """Whether it lists none, so that only a reset shows whether one fits."""
        return self.adapter.hello.settings is msgspec.UNSET

    def version(self, settings: Mapping[str, str]) -> str:
        """Its name, where the subject's does not contain it, and its version."""
        if self.sources:
            return self.sources
        hello = self.adapter.hello
        return hello.version if self.bridge else f"{hello.name} {hello.version}"

    def create(self, servers: int, settings: Mapping[str, str]) -> AdapterSubject:
        """A new cluster."""
        if not 1 <= servers <= len(SERVERS):
            raise ValueError(f"found {servers} servers, expected 1 to {len(SERVERS)}")
        others = {each.name for each in self.built_from}
        given = {name: value for name, value in settings.items() if name not in others}
        return AdapterSubject(self.adapter, servers, given)


@cache
def adapter_factory(command: tuple[str, ...], patience: float, called: str = "") -> AdapterFactory:
    """The factory of a command; each process asks the command for its hello once."""
    return AdapterFactory(Adapter(command, patience, called))


def sends_meanings(subject: AdapterSubject) -> bool:
    """Whether any of a new cluster's first messages says what it means.

    S1 stands for election, and then gets a client's command; all messages arrive. An adapter is
    deterministic, so the answer is the same in every process. Where it fails, it will fail in a
    hunt too, which makes a finding of that.
    """
    try:
        flight = deque(subject.reset())
        for act in (subject.election_timeout, lambda each: subject.client_request(each, "v1")):
            flight += act(SERVERS[0])
            if meaning_arrives(subject, flight):
                return True
    except SubjectError:
        return False
    finally:
        subject.close()
    return False


def meaning_arrives(subject: AdapterSubject, flight: deque[Packet]) -> bool:
    """Deliver messages, oldest first, until one has a meaning; False where none has."""
    for _ in range(TRIED_MESSAGES):
        if not flight:
            break
        packet = flight.popleft()
        if subject.meaning(packet) is not None:
            return True
        flight += subject.receive(packet)
    return False
