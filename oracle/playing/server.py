"""A server for one person on this machine: it answers 127.0.0.1 alone, and who has its token.

The token stands in the address that the command prints. A request with another host (as a page
elsewhere would cause by a name that leads here), from another origin, without the token, or of
another kind, gets the same short refusal.
"""

import hmac
import secrets
import sys
from collections.abc import Callable
from concurrent.futures import Future
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from threading import Thread
from typing import Final

import msgspec

from model.schedule import NOT_READABLE, json_of
from oracle.playing.moves import Answered, Asked
from oracle.terminal.output import echo
from oracle.terminal.own_mistake import in_one_line

HERE: Final = "127.0.0.1"
MOST_BYTES: Final = 4_000_000
"""Of one request."""

Move = Callable[[Asked], Answered]


class PlayServer(ThreadingHTTPServer):
    """Serves one page, and hands what it asks for to the thread that makes moves."""

    daemon_threads = True

    def __init__(self, page: bytes, policy: str, port: int = 0) -> None:
        self.page, self.policy = page, policy
        self.token = secrets.token_urlsafe(24)
        self.waiting: SimpleQueue[tuple[Asked, Future[Answered]] | None] = SimpleQueue()
        super().__init__((HERE, port), Handler)

    def serve(self, move: Move) -> None:
        """Answer until `end` is called in this thread, which a signal does.

        Connections have threads of their own, as browsers hold some open. Moves are made in this
        one, one after the other: a subject has one process, and only here may signals be handled.
        """
        Thread(target=self.serve_forever, daemon=True).start()
        try:
            while (taken := self.waiting.get()) is not None:
                asked, answered = taken
                try:
                    answered.set_result(move(asked))
                except BaseException as error:
                    answered.set_exception(error)
                    raise
        finally:
            self.shutdown()

    def end(self, number: int, frame: object) -> None:
        """The signal handler: KeyboardInterrupt ends the move that is made, None the wait for one.

        The error alone would not do: Python drops one that is raised while it collects garbage.
        """
        self.waiting.put(None)
        raise KeyboardInterrupt

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that is gone before its answer is nobody's mistake; what is, is one line."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            echo(f"raft-oracle: {in_one_line(error)}", err=True)

    @property
    def origin(self) -> str:
        """Where it is, as browsers name it."""
        return f"http://{HERE}:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """What to open."""
        return f"{self.origin}/{self.token}/"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: PlayServer
    server_version = "raft-oracle"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        """The page."""
        if not self.is_welcome("/"):
            return
        self.reply(HTTPStatus.OK, "text/html; charset=utf-8", self.server.page)

    def do_POST(self) -> None:
        """A move."""
        if not self.is_welcome("/move"):
            return
        length = self.headers.get("Content-Length", "")
        is_number = length.isdecimal() and len(length) <= len(str(MOST_BYTES))
        if not is_number or int(length) > MOST_BYTES:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            asked = msgspec.json.decode(self.rfile.read(int(length)), type=Asked)
        except NOT_READABLE:
            self.refuse(HTTPStatus.BAD_REQUEST)
            return
        future: Future[Answered] = Future()
        self.server.waiting.put((asked, future))
        answered = future.result()
        self.reply(HTTPStatus.OK, "application/json", json_of(answered))

    def is_welcome(self, path: str) -> bool:
        """Whether this comes from the page itself, or from who was given the address."""
        origin = self.server.origin
        wanted = f"/{self.server.token}{path}".encode()
        is_own = hmac.compare_digest(self.path.encode("utf-8", "replace"), wanted)
        is_here = self.headers.get("Host") == origin.removeprefix("http://")
        from_here = self.headers.get("Origin") in (None, origin)
        if is_own and is_here and from_here:
            return True
        self.refuse(HTTPStatus.FORBIDDEN)
        return False

    def refuse(self, status: HTTPStatus) -> None:
        """Say no, and nothing else."""
        self.close_connection = True
        self.reply(status, "text/plain", f"{status.phrase}\n".encode())

    def reply(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        """An answer that nobody else may show, keep or guess the type of."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are nobody's business: they have the token in them."""
