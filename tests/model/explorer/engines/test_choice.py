"""Which engine is taken: by its name, and where the compiled one has no room, the other."""

import pytest

from model.explorer.engines import kernel
from model.explorer.engines.choice import NoKernelError, make_engine
from tests.model.explorer.cases import needs_kernel, system
from tests.model.explorer.toys import Maze


def test_numpy_is_taken_by_name() -> None:
    """Whether or not there is a kernel."""
    assert make_engine("numpy", system(2), True, 1).name == "numpy"


@needs_kernel
def test_system_that_is_too_large_for_the_kernel_is_left_to_numpy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The default engine is NumPy then; the compiled one cannot be had, and the error says why."""
    monkeypatch.setattr(kernel, "MOST_PLACES", 1)
    maze = Maze(())
    assert make_engine("auto", maze, True, 1).name == "numpy"
    with pytest.raises(NoKernelError, match="no room for so many servers; expected numpy"):
        make_engine("kernel", maze, True, 1)
