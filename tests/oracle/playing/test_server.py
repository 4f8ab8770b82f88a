"""Tests of who is answered: the page itself on this machine, and nobody else."""

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen
from playwright.sync_api import expect

from oracle.playing.moves import Answered, Asked
from oracle.playing.server import PlayServer
from oracle.processes.signals import on_signals
from tests.oracle.command import command_line, environment
from tests.oracle.pictures.browser import browser
from tests.require import require

SECONDS: Final = 60


@frozen
class Served:
    """A server that runs, by what it printed."""

    process: "subprocess.Popen[str]"
    port: int
    token: str

    @property
    def host(self) -> str:
        """As browsers name it."""
        return f"127.0.0.1:{self.port}"

    def ask(
        self,
        method: str = "POST",
        path: str = "/move",
        body: bytes = b'{"more": "elect S1"}',
        token: str | None = None,
        **headers: str,
    ) -> tuple[int, bytes]:
        """One request, as the page makes it but for what is named here."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            sent = {"Host": self.host, "Content-Type": "application/json", **headers}
            own = self.token if token is None else token
            connection.request(method, f"/{own}{path}", body if method == "POST" else None, sent)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def served(folder: Path, *words: str) -> Iterator[Served]:
    """`raft-oracle play` with these words."""
    command = command_line("play", "--no-open", *words)
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:(\d+)/([\w-]+)/", process.stdout.readline())
            assert found is not None
            yield Served(process, int(found[1]), found[2])
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(SECONDS) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One that several tests ask."""
    with served(tmp_path_factory.mktemp("play")) as started:
        yield started


def test_page_and_moves_are_answered(server: Served) -> None:
    """The page comes with its policy; a move with its execution."""
    status, page = server.ask("GET", "/")
    assert status == 200
    assert b"<title>play reference</title>" in page
    status, answer = server.ask(Origin=f"http://{server.host}")
    assert status == 200
    assert len(json.loads(answer)["execution"]["steps"]) > 3


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"token": "x" * 32}, 403),
        ({"token": ""}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"path": "/../move"}, 403),
        ({"path": "/"}, 403),
        ({"method": "GET", "path": "/move"}, 403),
        ({"method": "PUT"}, 501),
        ({"body": b"[]"}, 400),
        ({"body": b"\xff"}, 400),
        ({"body": b'{"run": "rm"}'}, 400),
        ({"Content-Length": "99999999999"}, 413),
        ({"Content-Length": "-1"}, 413),
        ({"Content-Length": "9" * 5000}, 413),
    ],
)
def test_everybody_else_is_refused(server: Served, changed: dict[str, str], status: int) -> None:
    """Without the token, by another name, from another page, and what is no move."""
    # mypy does not see that each name has a value of its own type.
    found, content = server.ask(**changed)  # type: ignore[arg-type]
    assert found == status
    assert b"execution" not in content
    assert server.token.encode() not in content


def test_no_other_address_is_listened_on(server: Served) -> None:
    """Neighbours on the network find a closed door."""
    names = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    others = {str(each[4][0]) for each in names} - {"127.0.0.1"}
    for address in {*others, "127.0.0.2"}:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, server.port), timeout=2).close()


def test_two_browsers_do_not_see_each_other(server: Served) -> None:
    """Each sends all that it did."""
    _, one = server.ask(body=b'{"more": "elect S1"}')
    _, other = server.ask(body=b'{"more": "elect S2"}')
    actions = json.loads(one)["actions"]
    _, again = server.ask(body=json.dumps({"actions": actions, "more": "crash S1"}).encode())
    assert [each["server"] for each in json.loads(again)["actions"]] == ["s1", "s1"]
    assert [each["server"] for each in json.loads(other)["actions"]] == ["s2"]


def test_silent_connection_keeps_nobody_waiting(server: Served) -> None:
    """Browsers hold connections open before they need them."""
    with socket.create_connection(("127.0.0.1", server.port)):
        began = time.monotonic()
        assert server.ask()[0] == 200
        assert time.monotonic() - began < SECONDS / 2


def test_a_browser_that_is_gone_is_nobody_s_mistake(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A page that is closed before its answer, and what is really one."""
    kept: list[BaseException] = []

    def noted(error: BaseException) -> str:
        kept.append(error)
        return "x"

    monkeypatch.setattr("oracle.playing.server.in_one_line", noted)
    with PlayServer(b"", "") as server:
        for error in (BrokenPipeError(), ConnectionResetError(), KeyError("ours")):
            try:
                raise error
            except (OSError, KeyError):
                server.handle_error(None, None)
    assert [type(each) for each in kept] == [KeyError]
    assert capfd.readouterr().err == "raft-oracle: x\n"


def test_run_is_played_in_a_browser(tmp_path: Path) -> None:
    """Clicks make moves; an earlier step branches; the schedule is there as text."""
    require("chromium")
    with served(tmp_path, "election") as started, browser() as chromium:
        page = chromium.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"http://{started.host}/{started.token}/")
        page.locator(".row").nth(5).wait_for()
        steps = page.locator(".row").count()
        page.get_by_role("button", name="undo").click()
        expect(page.locator(".row")).not_to_have_count(steps)
        page.get_by_label("any action").fill("crash S2")
        page.get_by_role("button", name="do it").click()
        page.locator(".what", has_text="S2 crashes").wait_for()
        page.locator("summary").click()
        assert page.get_by_label("schedule", exact=True).input_value().endswith("crash S2\n")
        page.locator(".row button").nth(1).click()  # after the first timeout
        page.get_by_role("button", name="deliver").first.click()
        expect(page.locator(".row")).to_have_count(4)
        page.get_by_label("any action").fill("<b>jump")
        page.get_by_role("button", name="do it").click()
        page.get_by_role("status").get_by_text("found '<b>jump', expected one of").wait_for()
        assert complaints == []


def test_signal_during_garbage_collection_ends_it() -> None:
    """Python drops what is raised there; the server ends all the same, and its moves are made."""
    server = PlayServer(b"", "")

    def collects(asked: Asked) -> Answered:
        with suppress(KeyboardInterrupt):  # dropped, as by a callback of the collector
            signal.raise_signal(signal.SIGINT)
        return Answered(None, [], "")

    asked = Asked()
    answered: Future[Answered] = Future()
    server.waiting.put((asked, answered))
    with server, on_signals(server.end):
        server.serve(collects)
    assert answered.done()
