"""What clients saw: operations with the places of their calls and answers in one order of events.

Raft's promise to clients is linearizability (section 8 of the paper, 6.3 of the thesis): each
operation seems to take effect at one instant between its call and its answer.
May import: attrs, typing.
"""

from typing import TypeAlias

from attrs import frozen

Moment: TypeAlias = int | float
"""A place in an order of events."""


@frozen
class Operation:
    """One operation of a client, from its call to its answer.

    `invoked` and `responded` are places in one order of all events; equal places overlap, which
    means that a clock could not order the two events. An operation that was never
    answered (`responded` is None) may take effect at any time after its call, or never. An
    `output` of None is not known: the operation took effect, and nobody saw what it gave.
    """

    client: int | str
    command: str
    invoked: Moment
    responded: Moment | None
    output: str | None

    def __attrs_post_init__(self) -> None:
        if self.responded is None:
            if self.output is not None:
                raise ValueError(
                    f"output: found {self.output!r} of an operation that was never answered, "
                    "expected null"
                )
        elif self.responded < self.invoked:
            raise ValueError(
                f"responded: found {self.responded}, "
                f"expected at least {self.invoked}, where it was invoked"
            )
