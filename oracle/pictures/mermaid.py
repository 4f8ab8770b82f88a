"""An execution as a sequence diagram of Mermaid, which GitHub and others draw.

A message stands where it arrives, as Mermaid draws no slanted arrows.
"""

from collections.abc import Iterator

from model.runs.execution import Execution, Step
from oracle.terminal.wording import visible

SAFE = frozenset(" /@()=.,-_>?!'*+|")
"""What stands for itself in Mermaid's texts, letters and digits aside."""


def mermaid(execution: Execution) -> str:
    """The diagram."""
    lines = ["sequenceDiagram", *(f"  participant {server}" for server in execution.servers)]
    for place, step in enumerate(execution.steps, start=1):
        lines += [f"  {line}" for line in lines_of(execution, place, step)]
    if execution.verdict is not None:
        ends = f"{execution.servers[0]},{execution.servers[-1]}"
        text = f"{execution.verdict.property}: {execution.verdict.detail}"
        lines.append(f"  Note over {ends}: {plain(text)}")
    return "\n".join(lines) + "\n"


def lines_of(execution: Execution, place: int, step: Step) -> Iterator[str]:
    """A step: its message or what happened, and what changed."""
    ends = f"{execution.servers[0]},{execution.servers[-1]}"
    if step.message is None:
        yield f"Note over {step.server or ends}: {step.label} {plain(step.text)}"
    else:
        message = execution.messages[step.message]
        arrow = "-x" if message.lost_in == place else "->>"
        if place in message.arrived_in[:-1]:
            arrow = "-->>"
        link = f"{message.source}{arrow}{message.destination}"
        yield f"{link}: {step.label} {plain(message.text)}"
    if step.change:
        yield f"Note over {step.server or ends}: {plain(step.change)}"


def plain(text: str) -> str:
    """Text that ends no line and begins nothing: other characters are named by number."""
    return "".join(
        each if each.isalnum() or each in SAFE else f"#{ord(each)};" for each in visible(text)
    )
