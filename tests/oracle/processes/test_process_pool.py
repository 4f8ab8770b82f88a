"""Tests of the pool of processes that commands share."""

import signal
import warnings

import pytest

from oracle.processes.family import family
from oracle.processes.process_pool import ProcessPool, completed
from oracle.processes.signals import LostProcessError, interruptible


def test_pools_of_two_commands_in_one_process_share_what_python_keeps_for_them() -> None:
    """A command ends all that it has started, but not Python's own tracker, which warns of that."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with family(), interruptible() as interruption, ProcessPool(1) as pool:
                assert pool.run(interruption, max, 1, 2) == 2


def test_a_worker_that_somebody_has_killed_is_no_answer() -> None:
    """It is told with its signal; a command that waits for it ends with that."""
    with family(), interruptible() as interruption, ProcessPool(1) as pool:
        answer = pool.run(interruption, signal.raise_signal, signal.SIGKILL)
    with pytest.raises(LostProcessError, match="ended with -9"):
        completed(answer)
