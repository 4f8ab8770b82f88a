"""Reads etcd's traces: turns each line into the transitions that it shows, and has them judged.

A line shows its node's whole state. What changed since the node's last line is explained by what
the node was doing: the message that it received last, or entries that were proposed to it.
"""

from collections.abc import Callable
from typing import Final

from msgspec import ValidationError

from oracle.terminal.wording import one_line
from oracle.traces.etcd.format import (
    CHANGE,
    COMMIT,
    FOLLOWS,
    INIT,
    MESSAGELESS,
    NAMES,
    OF_A_START,
    PROPOSALS,
    READY,
    RECEIVES,
    REQUESTS,
    RESPONSES,
    SENDS,
    Configuration,
    TracedEvent,
    TracedMessage,
    configuration_in,
)
from oracle.traces.etcd.format import NOBODY as NO_NODE
from oracle.traces.etcd.habits import ANSWER, Habits, acknowledged_by
from oracle.traces.etcd.messages import KIND_OF_TYPE, meaning_of
from oracle.traces.etcd.node import (
    BECOMES,
    ROLES,
    Node,
    by_snapshot,
    learn,
    replace_unseen,
)
from oracle.traces.etcd.rules import (
    ANSWERS_ONCE,
    COMMIT_FOLLOWS,
    CONFIGURATION_IS_APPLIED,
    EVENT_TELLS_CHANGE,
    LOG_IS_EXPLAINED,
    ROLE_FITS_EVENT,
)
from oracle.traces.lines import MissingStartError, UnknownEventError, next_number
from properties.rules.elections import acting_on
from properties.rules.judge import Judge
from properties.rules.knowledge import Knowledge
from properties.rules.replication import first_conflict
from properties.rules.vocabulary import (
    APPEND_ENTRIES,
    HEARTBEAT,
    INSTALL_SNAPSHOT,
    NOBODY,
    REQUEST_VOTE,
    Broken,
    Configured,
    Meaning,
    Rule,
    Stored,
)
from raft_core import Role

MOST_COMMON_ENTRIES: Final = 1_024
"""Entries that a new cluster may begin with: one for each of its servers. More are not known."""


class EtcdReader:
    """The nodes of a trace, and the judge of what happens at them."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._sent = judge.cluster.sent
        self._is_partial = judge.cluster.partial
        self.nodes: dict[str, Node] = {}
        self.numbers: dict[str, int] = {NO_NODE: NOBODY}
        self._acts: dict[str, Callable[[Node, TracedEvent], None]] = {
            **dict.fromkeys(MESSAGELESS, lambda node, event: None),
            **dict.fromkeys(BECOMES, Node.becomes),
            **dict.fromkeys(RECEIVES, self._receive),
            **dict.fromkeys(SENDS, self._send),
            **dict.fromkeys(PROPOSALS, self._propose),
            READY: self._ready,
            COMMIT: self._commit,
            CHANGE: self._change,
        }
        """By the name of an event: what it is about, apart from the state that it shows."""

    def read(self, event: TracedEvent) -> None:
        """Judge a line."""
        name, node = event.name, self.nodes.get(event.nid)
        if node is None:
            node = self._new_node(event)
        if name == INIT or (self._is_partial and node.has_restarted(event)):
            self._begin_start(node, event)
        if node.is_starting:
            if name in OF_A_START:
                self._go_on_starting(node, event)
                return
            self._end_start(node, event)
        if (
            event.log != node.log
            or event.state != node.state
            or event.role != node.role
            or name == ANSWER
            or event.conf != node.conf
            or self._is_partial
        ):  # else the line shows what the last one did
            self._look(node, event)
            node.log, node.state, node.role = event.log, event.state, event.role
        habits = node.habits
        if habits.is_pending:
            habits.go_on(event)
        habits.before, habits.previous = habits.previous, name
        act = self._acts.get(name)
        if act is None:
            raise UnknownEventError(name)
        act(node, event)

    def _commit(self, node: Node, event: TracedEvent) -> None:
        """A leader has looked for what it can commit."""
        if not self._is_partial:
            node.habits.commits()

    def _ready(self, node: Node, event: TracedEvent) -> None:
        """What was sent is handed out."""
        node.habits.outbox.clear()
        if node.owes is not None:
            self._expect_answer(node)

    def _change(self, node: Node, event: TracedEvent) -> None:
        """A configuration is about to be in force."""
        change = event.prop.change if event.prop is not None else None
        node.next_voters = () if change is None else change.newconf
        if not self._is_partial:
            node.habits.applied, node.habits.is_pending = node.next_voters, True

    def _new_node(self, event: TracedEvent) -> Node:
        """A node that the trace names for the first time."""
        if event.name not in NAMES:
            raise UnknownEventError(event.name)
        if event.nid == NO_NODE:
            raise ValidationError(f"nid: found {NO_NODE!r}, which stands for no node")
        cluster = self.judge.cluster
        if event.name != INIT and not cluster.partial:
            raise MissingStartError(event.nid)
        known = cluster.server_of(self._number(event.nid))
        node = Node(known, Habits(self.judge, known))
        self.nodes[event.nid] = node
        if event.name != INIT:
            node.is_new = False
            node.known.log.sized = False
        return node

    def _number(self, name: str) -> int:
        number = self.numbers.get(name)
        if number is None:
            number = self.numbers[name] = next_number(self.judge.cluster.names)
            self.judge.cluster.names.append(one_line(name))
        return number

    # A start: what the node shows until it goes to work is what its disk holds

    def _begin_start(self, node: Node, event: TracedEvent) -> None:
        if not node.is_starting:
            node.is_starting = True
            node.began_empty = event.log == 0
            node.replicated = node.changes = 0
            node.next_voters = node.owes = None
            self.judge.crash(node.known)
            node.habits.restart()
            node.state = None

    def _go_on_starting(self, node: Node, event: TracedEvent) -> None:
        node.configuration = self._shown(node, event)
        if event.name == INIT:
            node.log, node.habits.applied = event.log, None
        elif not self._is_partial:
            node.reads_disk(event)
        if event.name == FOLLOWS and not node.is_new:
            self._end_start(node, event)
        elif event.name == CHANGE and event.prop is not None and event.prop.change is not None:
            node.next_voters = node.habits.applied = event.prop.change.newconf

    def _end_start(self, node: Node, event: TracedEvent) -> None:
        """A restart is judged; a first start is learnt. New clusters begin with common entries."""
        state, known = event.state, node.known
        stored = Stored(state.term, self._number(state.vote), event.log, state.commit)
        self.judge.start(known, stored, is_first=node.is_new)
        if node.is_new and node.began_empty and 0 < event.log <= MOST_COMMON_ENTRIES:
            known.log.resize(0)
            known.log.append(1, (state.term,) * event.log)
        node.is_starting = node.is_new = False
        self._configure(node, self._shown(node, event))

    def _shown(self, node: Node, event: TracedEvent) -> Configuration:
        """The configuration that a line shows."""
        if event.conf != node.conf:
            node.habits.configuration = configuration_in(event.conf)
            node.conf = event.conf.copy()
        return node.habits.configuration

    def _configure(self, node: Node, configuration: Configuration) -> None:
        """Take a configuration as it is."""
        node.configuration = configuration
        node.known.voters = None
        if configuration[0]:
            self.judge.members(node.known, self._configured(configuration))

    def _configured(self, configuration: Configuration) -> Configured:
        incoming, outgoing = (frozenset(map(self._number, half)) for half in configuration)
        return Configured(outgoing, incoming) if outgoing else Configured(incoming)

    # What a line shows apart from what it is about

    def _look(self, node: Node, event: TracedEvent) -> None:
        """Explain what changed at the node since its last line."""
        known, state = node.known, event.state
        vote, role = self._number(state.vote), ROLES.get(event.role)
        if role is None:
            raise UnknownEventError(event.role)
        if state.term != known.term or vote != known.vote or role is not known.role:
            self._expect_change(known, event, role)
            self.judge.stand(known, state.term, vote, role)
        if self._shown(node, event) != node.configuration:
            self._change_configuration(node, node.habits.configuration)
        if event.name == ANSWER and event.msg is not None:
            self._finish(node, event, event.msg)
        moved = state.commit != known.commit
        if event.log != known.log.last_index or (moved and by_snapshot(known)):
            self._explain_log(node, event)
        if moved:
            if role is Role.LEADER and event.name != COMMIT:
                found = f"a leader's commit index changes in {event.name}"
                self._note(EVENT_TELLS_CHANGE, known, found, f"a change in {COMMIT}")
            self.judge.commit(known, state.commit)

    def _expect_change(self, known: Knowledge, event: TracedEvent, role: Role) -> None:
        """Terms and roles change in the events that say so; PreVotes are asked for without one."""
        moved = event.state.term != known.term
        if role is not known.role and role is not Role.PRE_CANDIDATE:
            moved = True
        if not moved:
            return
        if BECOMES.get(event.name) is role:
            self._note(EVENT_TELLS_CHANGE, known)
        else:
            found = f"term {event.state.term} and {event.role} first shown in {event.name}"
            self._note(EVENT_TELLS_CHANGE, known, found, "in BecomeFollower, -Candidate or -Leader")

    def _change_configuration(self, node: Node, after: Configuration) -> None:
        known = node.known
        if by_snapshot(known) or self.judge.cluster.partial:
            self._configure(node, after)
        elif node.next_voters is None or set(node.next_voters) != set(after[0]):
            shown = " ".join(after[0])
            expected = " ".join(node.configuration[0])
            self._note(CONFIGURATION_IS_APPLIED, known, f"voters {shown}", expected)
        else:
            node.configuration = after
            self.judge.members(known, self._configured(after))
        node.next_voters = None

    def _finish(self, node: Node, event: TracedEvent, response: TracedMessage) -> None:
        """A node accepts what its leader sent: store it, and look at what it commits by it."""
        known, message = node.known, node.known.handling
        if response.reject or response.source == response.destination or message is None:
            return
        if message.term != known.term or known.commit is None:
            return
        commit = max(known.commit, message.commit or 0)
        if message.kind == APPEND_ENTRIES:
            if message.index is None or message.index < known.commit:
                return
            self._store(node, message, event.log)
            commit = max(known.commit, min(message.commit or 0, message.last_new_index or 0))
        elif message.kind == INSTALL_SNAPSHOT:
            self._install(node, message, event)
            return
        elif message.kind != HEARTBEAT:
            return
        found = f"commit index {known.commit} -> {event.state.commit}"
        is_told = event.state.commit == commit
        self._note(COMMIT_FOLLOWS, known, "" if is_told else found, str(commit))

    def _store(self, node: Node, message: Meaning, last_index: int) -> None:
        """Delete what conflicts, and append what is missing, as the new length says."""
        known, index, end = node.known, message.index or 0, message.last_new_index or 0
        last = known.log.last_index
        if not message.count or last is None:
            return
        conflict = first_conflict(known, message)
        if conflict is None:
            replace_unseen(known, message, last_index == end)
        elif conflict:
            self.judge.truncate(known, conflict)
        if message.terms is None:
            known.log.resize(max(end, known.log.last_index or 0))
            return
        learn(known, message)
        start = known.log.last_index or 0
        if start < end and start >= index:
            self.judge.append(known, start + 1, message.terms[start - index :])

    def _install(self, node: Node, message: Meaning, event: TracedEvent) -> None:
        """A snapshot took the place of the log, where the log did not hold its last entry."""
        known, index = node.known, message.index
        if index is None or index <= (known.commit or 0) or event.log != index:
            return
        here = known.log.term_at(index)
        if here is not None and here == message.log_term:
            return
        last = known.log.last_index
        if last is not None and last > index:
            self.judge.truncate(known, index + 1)
        self.judge.snapshot(known, index, message.log_term)

    def _explain_log(self, node: Node, event: TracedEvent) -> None:
        """The log has another length: a leader has appended, or a snapshot is in place."""
        known, handling = node.known, node.known.handling
        last = known.log.last_index
        if last is None or (self.judge.cluster.partial and last > event.log):
            known.log.resize(event.log)
            return
        if handling is not None and handling.kind == INSTALL_SNAPSHOT:
            self._install(node, handling, event)
            last = known.log.last_index or 0
        elif known.role is Role.LEADER and event.log > last:
            most = node.replicated + node.changes + bool(node.configuration[1])
            if node.replicated <= event.log - last <= most:
                self.judge.append(known, last + 1, (known.term or 0,) * (event.log - last))
                node.replicated = node.changes = 0
                return
        if event.log != last:
            expected = f"up to {last}"
            if known.role is Role.LEADER and node.replicated:
                expected += f", or {last + node.replicated} with what was proposed"
            self._note(LOG_IS_EXPLAINED, known, f"a log up to {event.log}", expected)
            known.log.resize(event.log)

    def _note(self, rule: Rule, known: Knowledge, found: str = "", legal: str = "") -> None:
        """A rule of this format holds; or it does not, where something else was found."""
        self.judge.note(rule, known, Broken(found, legal) if found else None)

    # What a line is about

    def _receive(self, node: Node, event: TracedEvent) -> None:
        message = event.msg
        if message is None:
            raise UnknownEventError(event.name)
        meaning = self._sent.get(message)
        if meaning is None:
            meaning = self._meaning(message, None)
        known = node.known
        node.replicated = node.changes = 0
        if node.owes is not None:
            self._expect_answer(node)
        node.owes = message.source if message.type in REQUESTS else None
        node.term_before, node.commit_before = known.term, known.commit
        if not self._is_partial:
            self._expect_after(node, message, meaning)
        self.judge.receive(known, meaning)

    def _expect_after(self, node: Node, message: TracedMessage, meaning: Meaning) -> None:
        """What a receipt makes of the next line of its node, and of its sender."""
        if message.source == message.destination:
            node.habits.hears_itself(message, meaning)
        else:
            sender = self.nodes.get(message.source)
            if sender is not None and id(meaning) in sender.habits.outbox:
                sender.habits.is_heard_early()
        known = node.known
        if known.role is not Role.LEADER or message.type != "MsgAppResp" or message.reject:
            return
        if message.term == known.term:
            node.habits.is_acknowledged(meaning.source, message.index)

    def _expect_answer(self, node: Node) -> None:
        """Before it goes on, a node has answered what it received in its own term.

        A request for a vote in a newer term may be disregarded, and that term come otherwise.
        """
        known, request = node.known, node.known.handling
        if request is None or request.term != known.term:
            return
        node.owes = None
        if request.kind == REQUEST_VOTE:
            is_owed = node.term_before == request.term
        else:
            is_owed = known.role is not Role.LEADER
        if is_owed:
            found = f"{request.kind} from {self.judge.cluster.name(request.source)} not answered"
            self._note(ANSWERS_ONCE, known, found, "an answer before the next message")

    def _send(self, node: Node, event: TracedEvent) -> None:
        message = event.msg
        if message is None:
            raise UnknownEventError(event.name)
        if message.type in RESPONSES and message.source != message.destination:
            self._answer(node, message)
        meaning = self._meaning(message, node.known)
        kept = self.judge.send(node.known, meaning)
        if not self._is_partial:
            node.habits.sends(event, message, kept)

    def _answer(self, node: Node, message: TracedMessage) -> None:
        """One answer for a request, and a refusal names the entry that it refuses."""
        known, request = node.known, node.known.handling
        if node.owes != message.destination or request is None:
            found = f"{message.type} to {message.destination}, {acting_on(known)}"
            self._note(ANSWERS_ONCE, known, found, "one answer to each request")
        elif message.reject and request.index != message.index and message.type == "MsgAppResp":
            found = f"a refusal of the entry at {message.index}"
            self._note(ANSWERS_ONCE, known, found, f"of {request.index}, which was asked")
        elif (
            expected := acknowledged_by(node.known, node.commit_before, request, message)
        ) not in (None, message.index):
            found = f"an acknowledgement up to {message.index}"
            self._note(ANSWERS_ONCE, known, found, f"up to {expected}")
        else:
            self.judge.noted[ANSWERS_ONCE.name] += 1
        node.owes = None

    def _meaning(self, message: TracedMessage, sender: Knowledge | None) -> Meaning:
        if message.type not in KIND_OF_TYPE:
            raise UnknownEventError(message.type)
        numbers = self.numbers
        if message.source not in numbers or message.destination not in numbers:
            self._number(message.source)
            self._number(message.destination)
        return meaning_of(message, numbers, None if sender is None else sender.log)

    def _propose(self, node: Node, event: TracedEvent) -> None:
        """An entry of the leader's own is on its way into its log."""
        known, name = node.known, event.name
        node.habits.is_pending = not self._is_partial
        if known.role is not Role.LEADER:
            role = "unknown" if known.role is None else known.role.value
            self._note(ROLE_FITS_EVENT, known, f"{name} at a {role}", "at a leader")
        if name == "Replicate":
            node.replicated += 1
        else:
            node.changes += 1
