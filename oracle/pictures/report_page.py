"""An execution as one page of HTML that needs nothing else: no request, no other file.

The page holds the execution as JSON, and one program (page/report.js) that draws it. Its policy
(Content-Security-Policy) lets no other script and no other style in, and no request out.
"""

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from model.runs.execution import Execution
from model.runs.render import text_of
from oracle.formats.trace_json import trace_json
from oracle.terminal.wording import printable, visible

REPORT: Final = "report.html"
"""What the file is called that stands beside a finding."""
FOLDER: Final = files("oracle.pictures").joinpath("page")


def report_page(execution: Execution) -> bytes:
    """The page, in UTF-8."""
    style, script = part("report.css"), part("report.js")
    verdict = execution.verdict
    title = verdict.detail if verdict else f"{len(execution.steps)} steps"
    page = Template(part("report.html")).substitute(
        title=escape(printable(title)),
        style=style,
        style_hash=hash_of(style),
        script=script,
        script_hash=hash_of(script),
        execution=inert(trace_json(execution).decode()),
        text=escape(printable(text_of(execution, execution.origin.heading))),
    )
    return page.encode()


def play_page(title: str, actions: bytes) -> tuple[bytes, str]:
    """The page on which a run is played from these actions on, and the policy to serve it with."""
    style, script = part("report.css"), part("report.js") + part("play.js")
    page = Template(part("play.html")).substitute(
        title=escape(visible(title)), style=style, script=script, actions=inert(actions.decode())
    )
    policy = (
        f"default-src 'none'; connect-src 'self'; script-src '{hash_of(script)}'; "
        f"style-src '{hash_of(style)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page.encode(), policy


@cache
def part(name: str) -> str:
    """One of the files that make a page."""
    return FOLDER.joinpath(name).read_text("utf-8")


def hash_of(text: str) -> str:
    """What a policy calls a script or a style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def inert(json: str) -> str:
    """JSON that cannot end the element of the page in which it stands, nor turn how it is read."""
    return "".join(each if is_plain(each) else escaped(each) for each in json)


def is_plain(character: str) -> bool:
    """Whether a character may stand in a page as it is."""
    return character not in "<>&" and (character.isprintable() or character == "\n")


def escaped(character: str) -> str:
    """A character as a string of JSON can name it."""
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))
