"""Ongaro's TLA+ specification of Raft as a system to explore.

https://github.com/ongardie/raft.tla, copyright 2014 Diego Ongaro, licensed under the Creative
Commons Attribution-4.0 International License, https://creativecommons.org/licenses/by/4.0/.
Changed: from TLA+ to Python (see `raft_tla_actions.py`), and constraints were added.

Which text: the newest, of commit 935da8e (2025-02-18). Its meaning is that of fb894bd
(2024-09-04), since when a message that was discarded leaves the domain of `messages`; before,
counts of 0 and less stayed there, could be received, and made the states infinitely many.

Which reading, so that all counts are those of TLC:

- A successor is generated for each disjunct that is enabled, also where nothing changes:
  Restart(i) of every server, AdvanceCommitIndex(i) of every leader. The initial state is
  generated too. No two disjuncts of Receive(m) are enabled at once.
- The constraint is on states and not on steps: every currentTerm <= max_term, every
  Len(log) <= max_log, Cardinality(DOMAIN messages) <= max_messages, and every
  messages[m] <= max_copies. What breaks it is generated, but neither distinct nor explored.
  Reply is one step, so that a response may take the place of its request in a bag of one.
- With history variables, allLogs' has the logs of before the step, in every step. Without, the
  variables `elections`, `allLogs` and `voterLog` and the fields `mlog` are gone, so that
  states that differ in nothing else are one.
"""

from itertools import permutations
from typing import Any, TypeAlias, cast

from attrs import field, frozen

from model.explorer.systems.encoding import encode
from model.explorer.systems.raft_tla_actions import (
    HANDLERS,
    RECEIVE,
    Bag,
    Discard,
    Log,
    Message,
    Reply,
    Send,
    ServerVariables,
    VoterLog,
    advance_commit_index,
    append_entries,
    become_leader,
    changed_bag,
    client_request,
    initial_variables,
    is_quorum,
    request_vote,
    restart,
    timeout,
)
from model.explorer.systems.raft_tla_invariants import (
    ACTION_PROPERTIES,
    INVARIANTS,
    broken_by_move,
)
from model.explorer.systems.system import (
    OUTSIDE,
    AspectOf,
    Change,
    Component,
    Invariant,
    Label,
    Offer,
    Outcome,
    Refusal,
    Renaming,
    State,
    Value,
)
from raft_core import SERVERS, Role, Server
from raft_core.evolve import evolve


@frozen(kw_only=True, cache_hash=True)
class Election:
    """An element of `elections`: what BecomeLeader remembers."""

    eterm: int
    eleader: Server
    elog: Log
    evotes: frozenset[Server]
    evoter_log: VoterLog


@frozen(cache_hash=True)
class HistoryVariables:
    """The history variables that belong to no server."""

    elections: frozenset[Election] = frozenset()
    all_logs: frozenset[Log] = frozenset()


Event: TypeAlias = tuple[str, Any]
"""An action of the specification, and what else it depends on: a value or a message."""


@frozen(kw_only=True)
class RaftTla:
    """The specification with its constants, and the state constraint within which it is searched.

    A place for the variables of each server, one for the bag, and with `history` one for what
    the proof remembers; without, there is no `elections`, `allLogs`, `voterLog` or `mlog`.
    """

    servers: int = 3
    values: int = 1
    max_term: int = 2
    """No server's currentTerm is beyond this."""
    max_log: int = 1
    """No server's log is longer."""
    max_messages: int = 1
    """No more distinct messages are in flight."""
    max_copies: int = 1
    """No message is in flight more often."""
    history: bool = False
    unchecked: frozenset[str] = frozenset()
    """The names of properties that are not checked."""
    components: tuple[Component, ...] = field(init=False)
    renamings: tuple[Renaming, ...] = field(init=False)
    invariants: tuple[Invariant, ...] = field(init=False, eq=False, repr=False)
    """What has to hold in every state; `raft_tla_invariants.py` says where each was published."""
    action_properties: tuple[str, ...] = field(init=False, eq=False, repr=False)
    absorbing: tuple[Change, ...] = field(init=False)
    """allLogs' = allLogs \\cup {log[i] : i \\in Server}, with which every action is conjoined."""

    @components.default
    def _every_place(self) -> tuple[Component, ...]:
        of_servers = [Component("server", server) for server in range(self.servers)]
        of_history = [Component("history")] if self.history else []
        return (*of_servers, Component("messages"), *of_history)

    @renamings.default
    def _every_permutation(self) -> tuple[Renaming, ...]:
        return tuple(permutations(range(self.servers)))

    @invariants.default
    def _checked_invariants(self) -> tuple[Invariant, ...]:
        return tuple(each for each in INVARIANTS if each.name not in self.unchecked)

    @action_properties.default
    def _checked_moves(self) -> tuple[str, ...]:
        return tuple(name for name in ACTION_PROPERTIES if name not in self.unchecked)

    @absorbing.default
    def _every_log(self) -> tuple[Change, ...]:
        logs = [AspectOf(server) for server in range(self.servers)] if self.history else []
        return tuple(Change(self.servers + 1, log) for log in logs)

    def initial(self) -> State:
        """Init."""
        of_servers = [initial_variables(self.servers)] * self.servers
        of_history = [HistoryVariables()] if self.history else []
        return (*of_servers, (), *of_history)

    def offers(self, place: int, value: Value) -> tuple[Offer, ...]:
        """Next, as far as it is about one server, or about the bag."""
        if place < self.servers:
            return self.offers_of_server(SERVERS[place], value)
        if place == self.servers:
            return tuple(offer for message, _ in value for offer in self.offers_of(message))
        return ()

    def offers_of_server(self, server: Server, value: ServerVariables) -> tuple[Offer, ...]:
        """The actions of a server that wait for no message, in the order of Next."""
        offers = [self.local("Restart", server)]
        if value.state is not Role.LEADER:
            offers.append(self.local("Timeout", server))
        if value.state is Role.CANDIDATE:
            offers += [
                self.sent("RequestVote", request_vote(value, server, destination))
                for destination in SERVERS[: self.servers]
                if destination not in value.votes_responded
            ]
            if is_quorum(value.votes_granted, self.servers):
                offers.append(self.elected(server, value))
        if value.state is Role.LEADER:
            offers += [self.local("ClientRequest", server, each) for each in range(self.values)]
            offers.append(self.local("AdvanceCommitIndex", server))
            offers += [
                self.sent("AppendEntries", append_entries(value, server, each, self.history))
                for each in SERVERS[: self.servers]
                if each != server
            ]
        return tuple(offers)

    def offers_of(self, message: Message) -> tuple[Offer, ...]:
        """Receive(m) by its disjuncts, DuplicateMessage(m) and DropMessage(m)."""
        receive = [self.local(each, message.mdest, message) for each in RECEIVE[type(message)]]
        duplicate = self.sent("DuplicateMessage", message)
        return (*receive, duplicate, self.of_bag("DropMessage", Discard(message)))

    def local(self, action: str, server: Server, argument: int | Message | None = None) -> Offer:
        """An action that changes the variables of one server."""
        return Offer(action, int(server), (action, argument), self.absorbing)

    def elected(self, server: Server, value: ServerVariables) -> Offer:
        """BecomeLeader(i), which `elections` remembers."""
        offer = self.local("BecomeLeader", server)
        if not self.history:
            return offer
        election = Election(
            eterm=value.current_term,
            eleader=server,
            elog=value.log,
            evotes=value.votes_granted,
            evoter_log=value.voter_log,
        )
        return evolve(offer, changes=(Change(self.servers + 1, election), *self.absorbing))

    def sent(self, action: str, message: Message) -> Offer:
        """An action that only sends a message."""
        return self.of_bag(action, Send(message))

    def of_bag(self, action: str, label: Send | Discard) -> Offer:
        """An action that only changes the bag."""
        return Offer(action, None, None, (Change(self.servers, label), *self.absorbing))

    def react(self, place: int, value: Value, event: Label) -> tuple[Outcome, ...]:
        """What an action makes of the server's variables; none where it is not enabled."""
        action, argument = cast(Event, event)
        if action not in HANDLERS:
            return (self.outcome(value, after_local(action, value, SERVERS[place], argument)),)
        handled = HANDLERS[action](value, argument, self.history)
        if handled is None:
            return ()
        label = handled.messages
        changes = () if label is None else (Change(self.servers, label),)
        return (self.outcome(value, handled.variables, changes, handled.branch),)

    def outcome(
        self,
        before: ServerVariables,
        after: ServerVariables,
        changes: tuple[Change, ...] = (),
        note: str | None = None,
    ) -> Outcome:
        """Next variables, held against the action properties and the state constraint."""
        broken = broken_by_move(before, after, self.action_properties)
        outside = after.current_term > self.max_term or len(after.log) > self.max_log
        return Outcome(after, changes, outside, broken, note)

    def change(self, place: int, value: Value, label: Label) -> Value | Refusal:
        """The bag after a message was sent or discarded; the history after a step."""
        if place == self.servers:
            return self.within_constraint(changed_bag(value, cast(Send | Discard | Reply, label)))
        if isinstance(label, Election):
            return evolve(value, elections=value.elections | {label})
        return evolve(value, all_logs=value.all_logs | {label})

    def within_constraint(self, bag: Bag) -> Bag | Refusal:
        """A bag, held against the state constraint."""
        few = all(copies <= self.max_copies for _, copies in bag)
        return bag if few and len(bag) <= self.max_messages else OUTSIDE

    def aspect(self, place: int, value: Value) -> Label:
        """The log of a server, for allLogs."""
        return value.log if place < self.servers else None

    def encode(self, place: int, value: Value, renaming: Renaming) -> bytes:
        """The value with its servers renamed; a bag has no order then."""
        return encode(frozenset(value) if place == self.servers else value, renaming)


def after_local(
    action: str, before: ServerVariables, server: Server, argument: int
) -> ServerVariables:
    """The variables of a server after an action of Next that waits for no message."""
    match action:
        case "Restart":
            return restart(before)
        case "Timeout":
            return timeout(before)
        case "BecomeLeader":
            return become_leader(before)
        case "ClientRequest":
            return client_request(before, argument)
        case _:
            return advance_commit_index(before, server)
