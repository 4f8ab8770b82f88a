"""raft_core as a system to explore: servers, what is on its way to each, budgets, histories.

A state holds each server's State, each server's inbox, the budget that is spent, and the history
of each property that remembers something (see `raft_layout`). So Election Safety and Leader
Completeness are judged over the whole execution, and not only over what is visible now.

The network is a set: sending a message that is under way already changes nothing, and the server
that receives a message takes it out. There is no move that delays a message: one that is not
delivered yet is late already. Losing a message and delivering it twice cost something.
"""

from itertools import permutations
from typing import Final

from attrs import frozen

from model.explorer.systems.budgets import Bounds, Budget, Spend
from model.explorer.systems.deciding_part import deciding_part_of
from model.explorer.systems.encoding import encode, joined
from model.explorer.systems.raft_layout import Layout
from model.explorer.systems.stale_replies import (
    TermAndRole,
    is_reply,
    is_stale_for,
    term_and_role_of,
)
from model.explorer.systems.system import (
    IMPOSSIBLE,
    AspectOf,
    Broken,
    Change,
    Label,
    Offer,
    Outcome,
    Refusal,
    Renaming,
    Value,
)
from model.failures import failure_of_subject
from model.reference.settings import Choices
from model.reference.variant import REFERENCE, Protocol
from properties.checker import Checker
from properties.facts import Fact, Facts, facts_between, facts_of_start
from properties.property import Breach
from raft_core import (
    SERVERS,
    AnyMessage,
    ChangeMembership,
    ClientRequest,
    ClientResponse,
    Compact,
    ElectionTimeout,
    ExtendedEvent,
    ExtendedMessage,
    HeartbeatTimeout,
    LocalEvent,
    Log,
    Membership,
    NotLeader,
    PersistentState,
    Server,
    State,
    Tick,
    TransferLeadership,
)

Inbox = tuple[ExtendedMessage, ...]
"""The messages under way to a server, each once, in the order of their bytes."""


@frozen
class Restart:
    """The event of a server that crashes and starts again from its disk."""


@frozen
class DeliverAndKeep:
    """The event of a message that is delivered and stays under way."""

    message: ExtendedMessage


@frozen
class AddMessages:
    """The label by which messages come into an inbox."""

    messages: Inbox


@frozen
class RemoveMessage:
    """The label by which a message leaves its inbox."""

    message: ExtendedMessage


@frozen
class UpdateHistory:
    """The label by which a property's history takes in what a step changed."""

    facts: tuple[Fact, ...]


@frozen
class Reached:
    """The note of a step: the names of what it reaches (properties.sometimes), and the term and
    the commit index that its server has then.
    """

    names: tuple[str, ...]
    term: int
    commit_index: int


RESTART: Final = Restart()
TIMEOUTS: Final = (ElectionTimeout(), HeartbeatTimeout())


class RaftSystem:
    """A cluster of reference servers, or of a mutant's, within bounds."""

    def __init__(
        self,
        choices: Choices,
        bounds: Bounds,
        checker: Checker,
        protocol: Protocol = REFERENCE,
        reduce: bool = True,
        judges_failures: bool = True,
    ) -> None:
        self.configuration = choices.configuration
        self.initial_voters = choices.initial_voters
        self.bounds = bounds
        self.checker = checker
        self.protocol = protocol
        self.reduce = reduce
        self.judges_failures = judges_failures
        """Whether a step in which the implementation raises is a violation, or is not made."""
        servers = self.configuration.servers
        self.members = self.configuration.members()
        remembering = [each for each in checker.properties if each.initial(servers) is not None]
        self.layout = Layout(servers, tuple(remembering))
        self.components = self.layout.components
        self.forgetful = tuple(each for each in checker.properties if each not in remembering)
        """The properties that judge each step by itself."""
        self.renamings = renamings_of(servers, self.initial_voters)
        self._encoded: dict[tuple[ExtendedMessage, Renaming], bytes] = {}

    def initial(self) -> tuple[Value, ...]:
        """All servers start with empty disks; nothing is under way."""
        servers = self.configuration.servers
        log = Log()
        if 0 < self.initial_voters < servers:
            log = Log(memberships=((0, Membership(SERVERS[: self.initial_voters])),))
        disk = PersistentState(log=log)
        start = self.protocol.restart
        return (
            *(start(server, self.configuration, disk) for server in self.members),
            *(() for _ in self.members),
            Budget(),
            *(each.initial(servers) for each in self.layout.remembering),
        )

    # What can happen

    def offers(self, place: int, value: Value) -> tuple[Offer, ...]:
        """Timers and crashes of a server, deliveries from its inbox, requests of clients."""
        if self.layout.is_server(place):
            return self._offers_of_server(place, value)
        if self.layout.is_inbox(place):
            offers = [self._offers_of_message(place, each) for each in value]
            return tuple(offer for some in offers for offer in some)
        return self._offers_of_budget(value) if place == self.layout.budget else ()

    def _offers_of_server(self, place: int, state: State) -> tuple[Offer, ...]:
        offers = [Offer(type(event).__name__, place, event) for event in TIMEOUTS]
        if self.bounds.restarts:
            offers.append(self._costing("Restart", place, RESTART, "restarts"))
        if self.configuration.snapshots and self.bounds.compactions:
            event = Compact(state.last_applied)
            offers.append(self._costing("Compact", place, event, "compactions"))
        if self.configuration.leadership_transfer and self.bounds.transfers:
            offers += [
                self._costing("TransferLeadership", place, TransferLeadership(other), "transfers")
                for other in self.members
                if other != place
            ]
        if self.bounds.membership_changes:
            offers += [
                self._costing("ChangeMembership", place, wanted, "membership_changes")
                for wanted in self._wanted_by(state)
            ]
        return tuple(offers)

    def _wanted_by(self, state: State) -> list[ChangeMembership]:
        """One voter more or less than now."""
        voters = state.membership.voters
        if self.configuration.joint_consensus or self.configuration.single_server_changes:
            kept = [tuple(each for each in voters if each != gone) for gone in voters]
            grown = [tuple(sorted((*voters, new))) for new in self.members if new not in voters]
            return [ChangeMembership(wanted) for wanted in (*kept, *grown) if wanted]
        return []

    def _offers_of_message(self, place: int, message: ExtendedMessage) -> list[Offer]:
        receiver, taken = self.layout.receiver_of(place), Change(place, RemoveMessage(message))
        offers = [Offer("Deliver", receiver, message, (taken,))]
        if self.bounds.duplicates:
            offers.append(
                self._costing("Duplicate", receiver, DeliverAndKeep(message), "duplicates")
            )
        if self.bounds.drops:
            offers.append(Offer("Drop", None, message, (taken, self._spending("drops"))))
        return offers

    def _offers_of_budget(self, budget: Budget) -> tuple[Offer, ...]:
        offers = []
        used = budget.of("client_requests")
        if used < self.bounds.client_requests:
            request = ClientRequest(f"v{used + 1}")
            offers += [
                self._costing("ClientRequest", server, request, "client_requests")
                for server in self.members
            ]
        if budget.of("ticks") < self.bounds.ticks:
            offers += [self._time(fast) for fast in (None, *self.members)]
        return tuple(offers)

    def _costing(self, kind: str, subject: int, event: Label, name: str) -> Offer:
        return Offer(kind, subject, event, (self._spending(name),))

    def _spending(self, name: str) -> Change:
        return Change(self.layout.budget, Spend(name))

    def _time(self, fast: Server | None) -> Offer:
        """An election timeout goes by; one clock may run ahead as far as drift lets it."""
        ticks = self.configuration.election_timeout
        ahead = ticks * (100 + self.configuration.clock_drift) // 100
        passing = [
            Change(server, Tick(ahead if server == fast else ticks)) for server in self.members
        ]
        return Offer("PassTime", None, fast, (*passing, self._spending("ticks")))

    # How servers react

    def react(self, place: int, value: Value, event: Label) -> tuple[Outcome, ...]:
        """One step of a server, and what follows for inboxes and histories."""
        try:
            after, sent = self._stepped(Server(place), value, event)
        except Exception as error:  # any exception is a failure of the implementation
            if not self.judges_failures:
                return ()
            failure = failure_of_subject(error)
            return (Outcome(value, broken=Broken(failure.property, failure.detail)),)
        if after.current_term > self.bounds.max_term:
            return ()
        if not sent and after == value and isinstance(event, LocalEvent | Restart | DeliverAndKeep):
            return ()  # nothing happens, and at best something is spent
        if isinstance(event, Restart):
            facts = facts_of_start(Server(place), value, after, restarted=True)
        else:
            facts = facts_between(Server(place), value, after)
        return (self._outcome(place, value, after, sent, facts),)

    def _stepped(self, server: Server, state: State, event: Label) -> tuple[State, Inbox]:
        if isinstance(event, Restart):
            return self.protocol.restart(server, self.configuration, state), ()
        heard: ExtendedEvent = event.message if isinstance(event, DeliverAndKeep) else event  # type: ignore[assignment]  # offered above
        after, sent = self.protocol.step(state, heard)
        return after, tuple(each for each in sent if is_to_server(each))  # type: ignore[misc]  # not answers

    def _outcome(
        self, place: int, before: State, after: State, sent: Inbox, facts: Facts
    ) -> Outcome:
        changes = []
        for receiver in self.members:
            messages = tuple(each for each in sent if each.destination == receiver)
            if messages:
                changes.append(Change(self.layout.inbox_of(receiver), AddMessages(messages)))
                if self.reduce and any(map(is_reply, messages)):
                    changes.append(Change(self.layout.inbox_of(receiver), AspectOf(receiver)))
        if self.reduce and term_and_role_of(after) != term_and_role_of(before):
            changes.append(Change(self.layout.inbox_of(Server(place)), term_and_role_of(after)))
        changes += self._history_updates(facts)
        return Outcome(
            after, tuple(changes), broken=self._breach(facts), note=self._reached(after, facts)
        )

    def _history_updates(self, facts: Facts) -> list[Change]:
        """What each history has to take in."""
        updates = []
        for place, each in self.layout.property_at.items():
            seen = tuple(fact for fact in facts if isinstance(fact, each.facts))
            if seen:
                updates.append(Change(place, UpdateHistory(seen)))
        return updates

    def _breach(self, facts: Facts) -> Broken | None:
        """The first property without a history that a step breaks."""
        for each in self.forgetful:
            for fact in facts:
                if isinstance(fact, each.facts):
                    result = each.check(None, fact)
                    if isinstance(result, Breach):
                        return Broken(each.name, result.detail)
        return None

    def _reached(self, after: State, facts: Facts) -> Reached:
        names = tuple(
            each.name
            for each in self.checker.reachable
            if any(isinstance(fact, each.facts) and each.holds(fact) for fact in facts)
        )
        return Reached(names, after.current_term, after.commit_index)

    # How the rest changes

    def change(self, place: int, value: Value, label: Label) -> "Value | Refusal | Broken":
        """An inbox, a budget, a history, or a clock after a change."""
        match label:
            case AddMessages():
                return self._with_messages(value, label.messages)
            case RemoveMessage():
                return tuple(each for each in value if each != label.message)
            case TermAndRole():
                return tuple(each for each in value if not is_stale_for(label, each))
            case Spend():
                return value.after(label, self.bounds)
            case UpdateHistory():
                return self._history_after(place, value, label)
            case Tick():
                return self.protocol.step(value, label)[0]
            case _:
                raise TypeError(f"change of {self.components[place]}: found {label!r}")

    def _with_messages(self, inbox: Inbox, messages: Inbox) -> "Inbox | Refusal":
        together = {*inbox, *messages}
        if len(together) > self.bounds.max_inbox:
            return IMPOSSIBLE
        return tuple(sorted(together, key=lambda each: self._bytes_of(each, self.renamings[0])))

    def _history_after(self, place: int, history: Value, update: UpdateHistory) -> "Value | Broken":
        checked = self.layout.property_at[place]
        for fact in update.facts:
            result = checked.check(history, fact)
            if isinstance(result, Breach):
                return Broken(checked.name, result.detail)
            history = result
        return history

    def aspect(self, place: int, value: Value) -> Label:
        """Which replies a server does not wait for any more."""
        is_used = self.reduce and self.layout.is_server(place)
        return term_and_role_of(value) if is_used else None

    def encode(self, place: int, value: Value, renaming: Renaming) -> bytes:
        """The value as bytes; of a history, what decides."""
        if place in self.layout.property_at:
            value = deciding_part_of(self.layout.property_at[place].name, value)
        elif self.layout.is_inbox(place):
            return joined(b"{", sorted([self._bytes_of(each, renaming) for each in value]))
        return encode(value, renaming)

    def _bytes_of(self, message: ExtendedMessage, renaming: Renaming) -> bytes:
        """A message as bytes; there are few, and each is in many inboxes."""
        known = self._encoded.get((message, renaming))
        if known is None:
            known = self._encoded[message, renaming] = encode(message, renaming)
        return known


def is_to_server(message: AnyMessage) -> bool:
    """Whether a message goes to another server; clients are not explored."""
    return not isinstance(message, ClientResponse | NotLeader)


def renamings_of(servers: int, initial_voters: int) -> tuple[Renaming, ...]:
    """The permutations of servers under which the cluster starts the same."""
    first = set(range(initial_voters or servers))
    return tuple(
        each for each in permutations(range(servers)) if {each[server] for server in first} == first
    )
