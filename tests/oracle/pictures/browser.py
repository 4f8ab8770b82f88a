"""A browser without a screen, in which pages are opened from disk and used."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ("--disable-quic", "--disable-background-networking", "--disable-component-update")


@define
class Watched:
    """A page, and what it did that it must not do."""

    page: Page
    complaints: list[str] = field(factory=list)
    """Messages in its console, errors, and what it asked for beside itself."""


@contextmanager
def browser() -> Iterator[Browser]:
    """The chromium of this machine."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", *FLAGS]
        )
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(
    started: Browser, path: Path, width: int = 1200, colours: str = "light"
) -> Iterator[Watched]:
    """A page from disk in a window of this width."""
    context = started.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
    )
    page = context.new_page()
    watched = Watched(page)
    address = path.absolute().as_uri()
    note = watched.complaints.append

    def asked(url: str) -> None:
        if url.split("#")[0] != address:
            note(f"asks for {url}")

    page.on("console", lambda message: note(message.text))
    page.on("pageerror", lambda error: note(str(error)))
    page.on("request", lambda request: asked(request.url))
    page.on("dialog", lambda dialog: note(f"dialog {dialog.message}"))
    page.goto(address)
    try:
        yield watched
    finally:
        context.close()
