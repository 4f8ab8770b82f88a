"""An execution as Markdown: a table of steps, and one of the servers, for an issue or a wiki."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from model.runs.execution import Execution, ServerState, cause, states_by_step
from model.runs.render import counted_steps, log_text
from oracle.terminal.wording import visible

MARKUP: Final = re.compile(
    r"[\\`*{}\[\]<#|~&$]"  # spans, links, tags, headings, cells, entities, formulas
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis, which begins and ends beside a word
    r"|^(?:[->+=]|[0-9]+[.)])"  # what begins a list or a quotation, or underlines a heading
    r"|:(?=\S)"  # http://, and names of emoji
    r"|(?<!\d)\.(?=\w)|\.(?=[^\W\d])"  # www.address.org, but not 5.2
    r"|(?<!\d)@|@(?!\d)"  # @somebody, but not 2@1
)
"""What Markdown, or GitHub, may take for more than characters; all else stays as it is read."""


def markdown(execution: Execution, every: bool = False) -> str:
    """The page; with `every`, the servers after each step and not only at the end."""
    verdict, origin = execution.verdict, execution.origin
    lines = []
    if verdict is not None:
        lines += [f"**{plain(verdict.property)}**: {plain(verdict.detail)}", ""]
        lines += [part for sentence in cause(execution) for part in (plain(sentence), "")]
    lines += [plain(origin.heading or f"{origin.subject} {origin.subject_version}"), ""]
    lines += row(["step", "action", "change"]) + row(["---:", "---", "---"])
    for step, states in zip(execution.steps, states_by_step(execution), strict=True):
        broken = verdict is not None and step is execution.steps[-1]
        change = plain(step.change) + (
            f" **{plain(verdict.property)}**" if broken and verdict else ""
        )
        lines += row([step.label, plain(step.text), change])
        if every:
            lines += row(["", "", "<br>".join(map(plain, states_in_words(states)))])
    lines += ["", *table_of_servers(execution)]
    lines += ["", f"{len(counted_steps(execution))} steps."]
    return "\n".join(lines) + "\n"


def table_of_servers(execution: Execution) -> list[str]:
    """The servers at the end."""
    *_, last = (execution.start, *states_by_step(execution))
    lines = row(
        ["server", "role", "term", "voted for", "log as index@term, a bar after what is committed"]
    )
    lines += row(["---", "---", "---:", "---", "---"])
    for server, state in last.items():
        role = state.role if state.is_up else "down"
        cells = [server, role, str(state.current_term), plain(state.voted_for or "-")]
        lines += row([*cells, plain(log_text(state))])
    return lines


def states_in_words(states: Mapping[str, ServerState]) -> Iterable[str]:
    """Each server in a line."""
    for server, state in states.items():
        role = state.role if state.is_up else "down"
        yield f"{server} {role} {state.current_term}: {log_text(state)}"


def row(cells: Iterable[str]) -> list[str]:
    """A row of a table."""
    return [f"| {' | '.join(cells)} |"]


def plain(text: str) -> str:
    """Text that is nothing but text in Markdown and in the HTML that becomes of it."""
    return MARKUP.sub(lambda found: "".join(f"&#{ord(each)};" for each in found[0]), visible(text))
