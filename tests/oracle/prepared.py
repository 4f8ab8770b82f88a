"""A process that has imported the command line, and forks for each command that it is sent.

To start Python and import the commands takes as long as most of what tests ask of them. A fork is a
process of its own as well: it begins where an import ends, has the environment, the directory and
the streams that it is given, and ends as any other does.
"""

import json
import os
import socket
import sys
import threading
from importlib import import_module
from typing import IO, Final, NoReturn

STREAMS: Final = 3
"""Standard input, standard output and standard error go along with each command."""


def serve(channel: socket.socket) -> None:
    """Fork for one command after the other, until nobody sends any more.

    Each is answered with two lines: the number of its process, and the exit code when it has ended.
    """
    requests = channel.makefile("rb")
    while True:
        _, streams, _, _ = socket.recv_fds(channel, 1, STREAMS)
        if not streams:
            return
        request = json.loads(requests.readline())
        process = os.fork()
        if process == 0:
            become(streams, channel, requests, **request)
        for stream in streams:
            os.close(stream)
        channel.sendall(b"%d\n" % process)
        _, status = os.waitpid(process, 0)
        channel.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def become(
    streams: list[int],
    channel: socket.socket,
    requests: IO[bytes],
    folder: str,
    words: list[str],
    environment: dict[str, str],
) -> NoReturn:
    """Be this command, in this directory, as if Python had just been started with it."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    sys.__stderr__ = sys.stderr  # type: ignore[misc]  # as it is where Python has just started
    requests.close()
    channel.close()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    started = import_module("oracle.__main__")
    assert started.__file__ is not None
    sys.modules["__main__"] = started  # which is what workers import
    sys.argv = [started.__file__, *words]
    sys.orig_argv = [sys.executable, "-m", "oracle", *words]
    started.main()
    raise SystemExit


def prepare() -> None:
    """Import all commands; nothing may run beside what forks."""
    commands = import_module("oracle.commands.main")
    for name in commands.COMMANDS:
        commands.load_command(name)
    assert threading.active_count() == 1


if __name__ == "__main__":
    prepare()
    serve(socket.socket(fileno=int(sys.argv[1])))
