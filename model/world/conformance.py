"""What the rules for single steps get to see of a step: messages by their meanings.

A wrong rule is named at the first step that breaks it, long before it costs an entry.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from attrs import define

from model.actions import CompleteWrite, MicroAction
from model.subject import Packet, Sent
from model.world.records import StepRecord
from properties.facts import Fact, Facts, facts_between, log_facts
from properties.rules.steps import Step
from properties.rules.vocabulary import Meaning
from properties.view import View
from raft_core import Server

MeaningOf: TypeAlias = Callable[[Packet], Meaning | None]
"""What a packet says; None where its subject does not say."""


@define
class Acted:
    """What a server did in one step."""

    server: Server
    before: View
    after: View
    crashed: bool
    """Whether it crashed inside the step."""
    overlapping: bool
    """Whether it also handled something else, or is not done with it."""
    packet: Packet | None
    """What it received."""
    sent: Sent
    action: MicroAction | None = None
    """What was done, where somebody wants to know."""
    caused: Sequence[Fact] = ()
    """What clients asked for in it."""
    said: Sequence[Fact] = ()
    """What clients were answered in it."""
    applied: int = 0
    """The number of its action in the run."""
    micro_steps: int = 0
    """Its number among the steps of its cluster."""

    @property
    def doing(self) -> MicroAction | Packet | str:
        """What it received or did; empty where nobody wants to know."""
        return self.packet or self.action or ""


def changes_of(server: Server, before: View, after: View, crashed: bool) -> Facts:
    """What a step changed; of a server that crashed inside, at its log, where that is shown."""
    if not crashed:
        return facts_between(server, before, after)
    lost: Facts = []
    if after is not before:
        log_facts(lost, server, before, after, None, lost=True)
    return lost


def step_of(record: StepRecord, meaning: MeaningOf) -> Step:
    """A recorded step of a server, as the rules see it."""
    server, before, after = record.server, record.before, record.after
    assert server is not None
    assert before is not None
    assert after is not None
    happening = record.happening
    how = record.crashed, record.overlapping, happening.packet, record.sent, happening.action
    return step_seen(Acted(server, before, after, *how), record.facts, meaning)


def step_seen(acted: Acted, facts: Facts, meaning: MeaningOf) -> Step:
    """What a server did, as the rules see it."""
    packet, overlapping = acted.packet, acted.overlapping
    said = meanings_of(acted.sent, meaning)
    if isinstance(acted.action, CompleteWrite):
        for each in said:
            each.late = True
    received = meaning(packet) if packet is not None and not overlapping else None
    return Step(
        acted.server,
        acted.before,
        received,
        acted.after,
        said,
        facts,
        overlapping or (packet is not None and received is None),
        acted.crashed,
    )


def meanings_of(sent: Sent, meaning: MeaningOf) -> tuple[Meaning, ...]:
    """What packets say, of those that say anything."""
    return tuple([said for each in sent if (said := meaning(each)) is not None])


def sent_by(server: Server, sent: Sent) -> Sent:
    """The packets of one server, of those that several sent."""
    return tuple(each for each in sent if each.source == server)
