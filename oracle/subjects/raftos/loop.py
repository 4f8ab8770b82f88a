"""The event loop that a server of RaftOS runs on: asyncio's own futures and tasks, without time.

Callbacks run in the order in which they were asked for, as in asyncio, until none is left. A
timer never runs out by itself: calling its handle makes it run out. A datagram endpoint
records what is sent.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

Address = tuple[str, int]


class RecordingTransport:
    """A datagram endpoint without a socket."""

    def __init__(self, post: Callable[[Address, bytes], None]) -> None:
        self._post = post

    def sendto(self, data: bytes, address: Address) -> None:
        """Hand a datagram over."""
        self._post(address, data)

    def is_closing(self) -> bool:
        """It never is: a server that stops is forgotten."""
        return False


class StepLoop:
    """The loop of one server: what asyncio's futures and tasks, and the library, ask of a loop."""

    def __init__(self, post: Callable[[Address, bytes], None]) -> None:
        self._ready: deque[asyncio.Handle] = deque()
        self._itself: Any = self
        self._tasks: set[asyncio.Task[Any]] = set()
        self._post = post
        self.protocol: Any = None
        """The protocol that takes arriving datagrams, once there is an endpoint."""
        self.errors: list[BaseException] = []
        """What callbacks and tasks raised; asyncio would log it and go on."""

    def run(self, call: Callable[..., object], *arguments: object) -> None:
        """Do a call as if the loop had called it, and all that it leads to."""
        self.call_soon(call, *arguments)
        with self.running():
            while self._ready:
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Be the loop that `asyncio.get_event_loop` gives, as it is while a server starts."""
        asyncio._set_running_loop(self._itself)
        try:
            yield
        finally:
            asyncio._set_running_loop(None)

    def abandon(self) -> None:
        """The process is gone, with what it was waiting for."""
        for task in self._tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # without this it complains
        self._ready.clear()

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        """Put a callback after those that wait."""
        handle = asyncio.Handle(callback, args, self._itself, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self, delay: float, callback: Any, *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """A timer that runs out when its handle is called, however long that takes."""
        return asyncio.TimerHandle(delay, callback, args, self._itself, context)

    def create_future(self) -> asyncio.Future[Any]:
        """A future of this loop."""
        return asyncio.Future(loop=self._itself)

    def create_task(self, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """A task of this loop, whose failure is noted."""
        task = asyncio.Task(coro, loop=self._itself)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def create_datagram_endpoint(self, protocol_factory: Any, local_addr: Any) -> Any:
        """An endpoint that records."""
        transport, protocol = RecordingTransport(self._post), protocol_factory()
        protocol.connection_made(transport)
        self.protocol = protocol
        return transport, protocol

    def get_debug(self) -> bool:
        """Debugging is off."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Note what a callback raised."""
        error = context.get("exception")
        if error is not None:
            self.errors.append(error)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A timer was stopped; nothing waits for it anyway."""

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            error = task.exception()
            if error is not None:
                self.errors.append(error)
