"""A mistake of this project's own: one line for who typed the command, the rest in a file.

Python's exit code of a traceback is 1, which here says that a violation was found.
"""

import os
import tempfile
import traceback

from oracle.terminal.wording import one_line


def in_one_line(error: BaseException) -> str:
    """What went wrong, and where the traceback is that a report needs."""
    name = type(error).__name__
    what = one_line(f"{name}: {error}" if str(error) else name)  # and what follows is not cut off
    ours = "a mistake of raft-oracle itself, which says nothing of the subject"
    return f"{ours}: {what}; {kept(error)}"


def kept(error: BaseException) -> str:
    """Where the traceback is kept, or else its last line."""
    try:
        number, path = tempfile.mkstemp(prefix="raft-oracle-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(traceback.format_exception(error))
    except OSError as failed:
        places = traceback.extract_tb(error.__traceback__)
        last = f"{places[-1].filename}:{places[-1].lineno}" if places else "an unknown place"
        return f"raised at {last} (the traceback could not be stored: {failed.strerror})"
    return f"please report it with {path}"
