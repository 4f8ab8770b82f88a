"""An execution as one page of HTML that needs nothing else: no request, no other file.

The page holds the execution as JSON, and one program (SCRIPTS) that draws it. Its policy
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
SCRIPTS: Final = ("elements.js", "execution.js", "header.js", "diagram.js", "servers.js")
"""What draws an execution on every page, in the order in which these need each other."""


def report_page(execution: Execution) -> bytes:
    """The page, in UTF-8."""
    script = joined(*SCRIPTS, "report.js")
    verdict = execution.verdict
    body = Template(part("report.html")).substitute(
        script=script,
        execution=inert(trace_json(execution).decode()),
        text=escape(printable(text_of(execution, execution.origin.heading))),
    )
    title = verdict.detail if verdict else f"{len(execution.steps)} steps"
    return framed(printable(title), body, policy_of(script))


def play_page(title: str, actions: bytes) -> tuple[bytes, str]:
    """The page on which a run is played from these actions on, and the policy to serve it with."""
    script = joined(*SCRIPTS, "report.js", "play.js")
    body = Template(part("play.html")).substitute(script=script, actions=inert(actions.decode()))
    served = f"{policy_of(script)}; connect-src 'self'; frame-ancestors 'none'"
    return framed(visible(title), body), served


def policy_of(script: str = "") -> str:
    """What a page may load and run: its own style and script, and nothing else."""
    own = f"script-src '{hash_of(script)}'; " if script else ""
    style = f"style-src '{hash_of(part('report.css'))}'"
    return f"default-src 'none'; {own}{style}; base-uri 'none'; form-action 'none'"


def framed(title: str, body: str, policy: str = "") -> bytes:
    """A whole page, in UTF-8; one that is served has its policy from the server."""
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    page = Template(part("frame.html")).substitute(
        policy=tag, title=escape(title), style=part("report.css"), body=body
    )
    return page.encode()


@cache
def part(name: str) -> str:
    """One of the files that make a page."""
    return FOLDER.joinpath(name).read_text("utf-8")


def joined(*names: str) -> str:
    """The program that these scripts are together."""
    return "".join(map(part, names))


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
