"""What the rules for single steps get to see of a step: messages by their meanings.

A wrong rule is named at the first step that breaks it, long before it costs an entry.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from model.failures import PropertyViolatedError
from model.subject import Packet, Sent
from model.world.records import StepRecord
from properties.rules.conforms import BrokenRule
from properties.rules.steps import Step
from properties.rules.vocabulary import Meaning
from raft_core import Server

MeaningOf: TypeAlias = Callable[[Packet], Meaning | None]
"""What a packet says; None where its subject does not say."""


def step_of(record: StepRecord, meaning: MeaningOf) -> Step:
    """A recorded step of a server, as the rules see it."""
    server, before, after = record.server, record.before, record.after
    assert server is not None
    assert before is not None
    assert after is not None
    packet = record.happening.packet
    known = packet is not None and not record.overlapping
    received = meaning(packet) if packet is not None and known else None
    return Step(
        server,
        before,
        received,
        after,
        meanings_of(record.sent, meaning),
        record.facts,
        received_unknown=record.overlapping or (packet is not None and received is None),
        crashed=record.crashed,
    )


def meanings_of(sent: Sent, meaning: MeaningOf) -> tuple[Meaning, ...]:
    """What packets say, of those that say anything."""
    return tuple([said for each in sent if (said := meaning(each)) is not None])


def sent_by(server: Server, sent: Sent) -> Sent:
    """The packets of one server, of those that several sent."""
    return tuple(each for each in sent if each.source == server)


def blame(server: Server, broken: Sequence[BrokenRule]) -> None:
    """Raise the first broken rule, if there is any."""
    for each in broken:
        raise PropertyViolatedError(each.violation(server))
