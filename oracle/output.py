"""Printing for whoever listens.

May import: the standard library.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def even_if_nobody_listens() -> Iterator[None]:
    """Output that nobody takes, because the pipe is closed or the disk is full, is dropped."""
    try:
        yield
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
