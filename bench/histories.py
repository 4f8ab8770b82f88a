"""The linearizability checker on long histories of many clients."""

from random import Random

from attrs import define, evolve, field

from bench.timing import Measured, Work, take_turns, timed
from properties.history import Operation
from properties.linearizability import Verdict, check
from properties.possibilities import abandoned, invoked, possibilities_at_start, responded
from properties.specification import KEY_VALUE

OPERATIONS, KEYS, CLIENTS = 100_000, 1_000, 50
NEVER_ANSWERED = 0.01
COMMANDS = ("get {}", "get {}", "get {}", "set {} v{}", "append {} v{}")


@define
class Request:
    """What a client is doing: its operation so far, and the output once it has taken effect."""

    operation: Operation
    number: int
    output: str | None = None


@define
class Simulation:
    """Clients of a machine in which every operation takes effect at one instant: linearizable.

    Some keys are much more in demand than others. A client that gets no answer goes on; what it
    asked for takes effect much later, or never.
    """

    keys: int
    random: Random
    values: dict[str, str] = field(factory=dict)
    requests: dict[int, Request] = field(factory=dict)
    lost: list[Request] = field(factory=list)
    history: list[Operation] = field(factory=list)
    place: int = 0

    def event(self, client: int) -> None:
        """The next thing that happens to a client: it calls, its call takes effect, it hears."""
        self.place += 1
        request = self.requests.get(client)
        if request is None:
            self.call(client)
        elif request.output is None:
            self.take_effect(request)
        else:
            del self.requests[client]
            self.history[request.number] = evolve(
                request.operation, responded=self.place, output=request.output
            )
        if self.lost and self.random.random() < NEVER_ANSWERED:
            self.take_effect(self.lost.pop(self.random.randrange(len(self.lost))))

    def call(self, client: int) -> None:
        """A client asks for something, and may lose patience at once."""
        number = len(self.history)
        key = f"k{int(self.keys * self.random.random() ** 2)}"
        command = self.random.choice(COMMANDS).format(key, number)
        request = Request(Operation(client, command, self.place, None, None), number)
        self.history.append(request.operation)
        if self.random.random() < NEVER_ANSWERED:
            self.lost.append(request)
        else:
            self.requests[client] = request

    def take_effect(self, request: Request) -> None:
        """The instant of an operation."""
        command = request.operation.command
        key = KEY_VALUE.key_of(command)
        self.values[key], request.output = KEY_VALUE.apply(self.values.get(key, ""), command)


def simulated(operations: int, keys: int, clients: int, seed: int = 0) -> list[Operation]:
    """A linearizable history of so many operations, the same for the same seed."""
    random = Random(seed)
    simulation = Simulation(keys, random)
    while len(simulation.history) < operations:
        simulation.event(random.randrange(clients))
    return simulation.history


def with_stale_read(history: list[Operation]) -> list[Operation]:
    """The same history, but its last possible `get` gives a value that was overwritten before.

    Values are set once only, so that a value that was overwritten does not come back.
    """
    for place in reversed(range(len(history))):
        read = history[place]
        if read.command.startswith("get ") and read.responded is not None:
            stale = stale_value(history[:place], read)
            if stale is not None:
                return [*history[:place], evolve(read, output=stale), *history[place + 1 :]]
    raise ValueError("history: found no read that could be stale, expected a longer one")


def stale_value(history: list[Operation], read: Operation) -> str | None:
    """The latest value that another had replaced for certain when the read was called."""
    key = KEY_VALUE.key_of(read.command)
    later = read.invoked
    replaced = False
    for operation in reversed(history):
        words = operation.command.split(" ")
        ended = operation.responded is not None and operation.responded < later
        if ended and words[:2] == ["set", key]:
            if replaced:
                return words[2]
            replaced, later = True, operation.invoked
    return None


def judging(history: list[Operation], expected: Verdict) -> Work:
    """The whole history, judged at once; a step is an operation."""

    def work() -> int:
        assert check(history).verdict is expected
        return len(history)

    return timed(work)


def folding(history: list[Operation]) -> Work:
    """A history judged after every event, which is a step."""
    calls = [(each.invoked, number, True) for number, each in enumerate(history)]
    ends = [
        (each.invoked if each.responded is None else each.responded, number, False)
        for number, each in enumerate(history)
    ]
    events = sorted(calls + ends, key=lambda event: (event[0], not event[2]))
    keys = [KEY_VALUE.key_of(operation.command) for operation in history]

    def work() -> int:
        known = {key: possibilities_at_start() for key in set(keys)}
        for _, number, is_call in events:
            operation, here = history[number], known[keys[number]]
            if is_call:
                here = invoked(here, number, operation.command)
            elif operation.responded is None:
                here = abandoned(here, number)
            else:
                after = responded(here, number, operation.output)
                assert after is not None
                here = after
            known[keys[number]] = here
        return len(events)

    return timed(work)


def measure() -> dict[str, Measured]:
    """Both verdicts on a whole history, and the fold over its calls and answers."""
    history = simulated(OPERATIONS, KEYS, CLIENTS)
    return take_turns(
        {
            "whole, linearizable": judging(history, Verdict.LINEARIZABLE),
            "whole, one stale read": judging(with_stale_read(history), Verdict.NOT_LINEARIZABLE),
            "call by call, answer by answer": folding(history),
        },
        rounds=2,
    )
