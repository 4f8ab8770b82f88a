"""The user's browser, which stays when the command ends."""

import webbrowser

from oracle.processes.family import unmarked
from oracle.processes.tool import tools_from_elsewhere


def open_in_browser(address: str) -> None:
    """Open an address in the browser that the user's environment or the system names."""
    with unmarked(), tools_from_elsewhere():
        webbrowser.open(address)
