"""Single-decree Paxos as a model for the explorer: at most one value is chosen (Lamport, 2001).

Each ballot has a proposer of its own, who would like its own value. Nothing is ever taken off the
network: what was sent may arrive late, twice or never. `HASTY` is the same with a mistake: its
proposers take no notice of what was accepted before.

    raft-oracle explore examples/protocols/paxos.py
    raft-oracle explore examples/protocols/paxos.py:HASTY
"""

from itertools import permutations
from typing import Any

from attrs import evolve, field, frozen

from raft_oracle import Change, Component, Invariant, Offer, Outcome, encode


@frozen
class Ballot:
    """A ballot as its proposer sees it: who has promised, and the value that it proposed."""

    has_begun: bool = False
    promises: frozenset[tuple[int, int, str]] = frozenset()
    """By acceptor, the ballot and the value that it had accepted before; ballot 0 for none."""
    value: str = ""


@frozen
class Acceptor:
    """An acceptor: the newest ballot that it promised, and what it accepted last, if anything."""

    promised: int = 0
    ballot: int = 0
    value: str = ""


@frozen
class Prepare:
    """Phase 1a: a proposer asks to be promised its ballot."""

    ballot: int


@frozen
class Promise:
    """Phase 1b: an acceptor will ignore older ballots, and says what it has accepted."""

    ballot: int
    accepted_ballot: int
    accepted_value: str


@frozen
class Accept:
    """Phase 2a: a proposer asks for its value to be accepted."""

    ballot: int
    value: str


@frozen
class Accepted:
    """Phase 2b: an acceptor has done so."""

    ballot: int
    value: str


@frozen(kw_only=True)
class Paxos:
    """Ballots, acceptors, and what each acceptor has sent; a value has a place for each."""

    ballots: int = 2
    acceptors: int = 3
    is_hasty: bool = False
    components: tuple[Component, ...] = field(init=False)
    renamings: tuple[tuple[int, ...], ...] = field(init=False)
    invariants: tuple[Invariant, ...] = field(init=False)

    @components.default
    def _all_places(self) -> tuple[Component, ...]:
        numbers = range(self.acceptors)
        ballots = [Component(f"ballot {number + 1}") for number in range(self.ballots)]
        acceptors = [Component("acceptor", number) for number in numbers]
        return (*ballots, *acceptors, *(Component("sent by acceptor", each) for each in numbers))

    @renamings.default
    def _acceptors_are_alike(self) -> tuple[tuple[int, ...], ...]:
        return tuple(permutations(range(self.acceptors)))

    @invariants.default
    def _at_most_one_value_is_chosen(self) -> tuple[Invariant, ...]:
        def sees(place: int, sent: Any) -> Any:
            is_sent = place >= self.ballots + self.acceptors
            return frozenset(each for each in sent if is_accepted(each)) if is_sent else None

        return (Invariant("Agreement", sees, self.two_chosen),)

    def two_chosen(self, seen: tuple[Any, ...]) -> str:
        """A value is chosen where a majority accepted it in one ballot; two must not be."""
        votes = [vote for sent in seen if sent for vote in sent]
        chosen = sorted({each.value for each in votes if self.is_majority(votes.count(each))})
        return f"{' and '.join(chosen)} were both chosen" if len(chosen) > 1 else ""

    def is_majority(self, count: int) -> bool:
        """Whether so many acceptors are more than half of them."""
        return 2 * count > self.acceptors

    def initial(self) -> tuple[Any, ...]:
        """Nobody has asked, promised or sent anything."""
        nothing: frozenset[Any] = frozenset()
        places = [Ballot()] * self.ballots, [Acceptor()] * self.acceptors
        return (*places[0], *places[1], *[nothing] * self.acceptors)

    def offers(self, place: int, value: Any) -> tuple[Offer, ...]:
        """A ballot begins or proposes; what was sent arrives, at any time and more than once."""
        everybody = range(self.ballots, self.ballots + self.acceptors)
        match value:
            case Ballot(has_begun=False):
                return (Offer("begins", place, "begins"),)
            case Ballot():
                arriving = [Offer("Prepare", each, Prepare(place + 1)) for each in everybody]
                if value.value:
                    accept = Accept(place + 1, value.value)
                    return (*arriving, *(Offer("Accept", each, accept) for each in everybody))
                return (*arriving, Offer("proposes", place, "proposes"))
            case frozenset():
                acceptor = place - self.ballots - self.acceptors
                promises = sorted((each for each in value if isinstance(each, Promise)), key=str)
                return tuple(
                    Offer("Promise", each.ballot - 1, (acceptor, each)) for each in promises
                )
        return ()

    def react(self, place: int, value: Any, event: Any) -> tuple[Outcome, ...]:
        """What a proposer or an acceptor does; nothing where it takes no notice."""
        match event:
            case "begins":
                return (Outcome(evolve(value, has_begun=True)),)
            case "proposes" if self.is_majority(len(value.promises)):
                return (Outcome(evolve(value, value=self.allowed(place, value.promises))),)
            case (int(acceptor), Promise(_, ballot, accepted)):
                promises = value.promises | {(acceptor, ballot, accepted)}
                return (Outcome(evolve(value, promises=promises)),)
            case Prepare(ballot) if ballot > value.promised:
                promise = Promise(ballot, value.ballot, value.value)
                return (self.sending(place, evolve(value, promised=ballot), promise),)
            case Accept(ballot, proposed) if ballot >= value.promised and ballot > value.ballot:
                return (
                    self.sending(
                        place, Acceptor(ballot, ballot, proposed), Accepted(ballot, proposed)
                    ),
                )
        return ()

    def allowed(self, place: int, promises: frozenset[tuple[int, int, str]]) -> str:
        """What a majority's promises allow: the newest accepted value, or else one's own."""
        _, newest = max((ballot, value) for _, ballot, value in promises)
        return f"v{place + 1}" if self.is_hasty or not newest else newest

    def sending(self, place: int, after: Acceptor, message: Promise | Accepted) -> Outcome:
        """An acceptor's next state, and its message on the network."""
        return Outcome(after, (Change(place + self.acceptors, message),))

    def change(self, place: int, value: Any, label: Any) -> Any:
        """One more message was sent."""
        return value | {label}

    def aspect(self, place: int, value: Any) -> None:
        """No change depends on another place."""

    def encode(self, place: int, value: Any, renaming: tuple[int, ...]) -> bytes:
        """The value as bytes, with acceptors renamed where a ballot names them."""
        if isinstance(value, Ballot):
            renamed = frozenset((renaming[who], *what) for who, *what in value.promises)
            value = evolve(value, promises=renamed)
        return encode(value, ())

    def tell(self, offer: Offer, outcome: Outcome | None) -> str:
        """A move as a sentence."""
        match offer.event:
            case str():
                return f"ballot {offer.subject + 1} {offer.event}"
            case (int(acceptor), Promise(ballot)):
                return f"the promise of acceptor {acceptor + 1} reaches ballot {ballot}"
        acceptor = offer.subject - self.ballots + 1
        return f"{offer.kind} of ballot {offer.event.ballot} reaches acceptor {acceptor}"


def is_accepted(message: Any) -> bool:
    """Whether a message says that a value was accepted."""
    return isinstance(message, Accepted)


SYSTEM = Paxos()
HASTY = Paxos(is_hasty=True)
