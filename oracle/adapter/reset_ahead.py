"""A reset that a process does before anybody needs it.

Where every reset is a new process, it takes milliseconds, a fifth of a short run. So while one
process serves a run, another one does the reset that the next run will most likely begin with.
"""

from collections.abc import Callable

from attrs import define

from oracle.processes.line_process import LineProcess


@define(eq=False)
class ResetAhead:
    """At most one process that was told a reset, and whose reply nobody has heard yet."""

    take: Callable[[], LineProcess]
    """Gives a process that is idle."""
    line: bytes = b""
    """The last reset."""
    process: LineProcess | None = None

    def begun(self, line: bytes) -> LineProcess | None:
        """The process that was told this reset; None where there is none."""
        process, self.process = self.process, None
        if process is None or not process.is_running:
            return None
        if line != self.line:
            process.stop()
            return None
        return process

    def begin(self, line: bytes, idle: LineProcess | None) -> None:
        """Tell a process a reset that came for the second time; the one that is idle, if any."""
        came_before, self.line = line == self.line, line
        if not came_before:
            return
        process = idle if idle is not None and idle.is_running else self.take()
        process.tell(line)
        self.process = process
