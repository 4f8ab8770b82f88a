"""A counterexample as the actions that every driver, the renderer and the shrinker understand.

The explorer's network is a set and the world's a multiset, so every message that the explorer
delivers exists in the world and can be looked up by its content.
"""

from collections.abc import Sequence

from model import actions
from model.explorer.search.result import Move
from model.explorer.systems.raft import DeliverAndKeep, RaftSystem
from model.runs.run import Run, rerun
from model.subject import Packet
from model.world.macro_actions import Cluster
from model.world.records import Happening
from raft_core import ChangeMembership, ExtendedMessage, Server


def run_of_moves(cluster: Cluster, system: RaftSystem, moves: Sequence[Move]) -> Run:
    """Make the moves of a system in a cluster, up to the first violation."""
    ticks = system.configuration.election_timeout
    return rerun(cluster, [happening_of_move(each, ticks) for each in moves])


def happening_of_move(move: Move, ticks: int) -> Happening:
    """A move as a micro action, with the packet that it moves, if any; time goes by in `ticks`."""
    offer = move.successor.offer
    event = offer.event
    if offer.kind in ("Deliver", "Drop", "Duplicate"):
        message = event.message if isinstance(event, DeliverAndKeep) else event
        return happening_of_packet(offer.kind, message)  # type: ignore[arg-type]  # an inbox holds messages
    if offer.kind == "PassTime":
        fast = () if event is None else (event,)
        return Happening(actions.PassTime(ticks, fast))  # type: ignore[arg-type]  # a server
    server = Server(offer.subject or 0)
    match offer.kind:
        case "ClientRequest":
            return Happening(actions.ClientRequest(server, event.command))  # type: ignore[attr-defined]  # its kind
        case "TransferLeadership":
            return Happening(actions.TransferLeadership(server, event.target))  # type: ignore[attr-defined]  # its kind
        case "ChangeMembership":
            assert isinstance(event, ChangeMembership)
            return Happening(actions.ChangeMembership(server, event.voters, event.learners))
        case _:
            return Happening(getattr(actions, offer.kind)(server))


def happening_of_packet(kind: str, message: ExtendedMessage) -> Happening:
    """A message that is delivered, dropped or duplicated."""
    packet = Packet(message.source, message.destination, message, message)
    action = getattr(actions, kind)(message.source, message.destination)
    return Happening(action, packet)
