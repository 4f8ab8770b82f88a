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


def cut_off(page: Page, part: str = "body") -> list[str]:
    """The elements that are wider than the window, and in nothing that may be scrolled."""
    found = page.evaluate(
        """(part) => [...document.querySelectorAll(part + " *")].filter((each) => {
            const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
            let holder = each.parentElement;
            while (holder && !scrolls(holder)) holder = holder.parentElement;
            const end = document.documentElement.clientWidth + 1;
            const box = each.getBoundingClientRect();
            return !holder && box.width > 0 && box.right > end;
        }).map((each) => each.tagName + "." + each.className)""",
        part,
    )
    assert isinstance(found, list)
    return found


@contextmanager
def opened(
    started: Browser,
    path: Path,
    width: int = 1200,
    colours: str = "light",
    within: Path | None = None,
) -> Iterator[Watched]:
    """A page from disk in a window of this width; `within` is the folder that it may ask for."""
    context = started.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
    )
    page = context.new_page()
    watched = Watched(page)
    address = path.absolute().as_uri()
    folder = None if within is None else within.absolute().as_uri() + "/"
    note = watched.complaints.append

    def asked(url: str) -> None:
        is_of_site = folder is not None and url.startswith(folder)
        if url.split("#")[0] != address and not is_of_site:
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
