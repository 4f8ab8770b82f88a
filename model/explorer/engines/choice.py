"""Which engine makes the states: the compiled one where it was built, or NumPy."""

from typing import Final

from model.explorer.engines.engine import Engine
from model.explorer.engines.kernel import KernelEngine, has_room_for, load_library, why_not
from model.explorer.engines.numpy_engine import NumpyEngine
from model.explorer.engines.tables import Tables
from model.explorer.systems.system import System

ENGINES: Final = ("auto", "reference", "numpy", "kernel")
"""The names that users know. `reference` is no engine: it is the search over plain objects."""


class NoKernelError(Exception):
    """The compiled engine was asked for, and is not there."""


def make_engine(name: str, system: System, symmetry: bool, workers: int) -> Engine:
    """An engine with empty tables; `auto` takes the compiled one where there is one that fits.

    NoKernelError says why the compiled one, if it was asked for, cannot be had.
    """
    tables = Tables(system, symmetry)
    library = None if name == "numpy" else load_library()
    if library is not None and has_room_for(tables):
        return KernelEngine(library, tables, workers)
    if name == "kernel":
        reason = why_not() or "no room for so many servers"
        raise NoKernelError(f"engine kernel: {reason}; expected numpy")
    return NumpyEngine(tables, workers)
