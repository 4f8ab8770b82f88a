"""The compiled library: it is taken where it fits, and where it is not, the reason is given."""

import re
from pathlib import Path

import msgspec
import pytest

from model.explorer.engines import kernel
from model.explorer.engines.choice import NoKernelError, make_engine
from model.explorer.engines.kernel import VERSION, load_library, open_library, why_not
from tests.model.explorer.cases import needs_kernel, system

SOURCE = Path(kernel.__file__).with_name("kernel.c")


def test_source_and_caller_are_of_one_version() -> None:
    """VERSION of kernel.c is that of kernel.py."""
    found = re.search(r"^#define VERSION (\d+)", SOURCE.read_text(), re.MULTILINE)
    assert found is not None
    assert int(found[1]) == VERSION


def test_c_tables_have_the_fields_in_order() -> None:
    """The struct of kernel.c names what `CTables` and `CBuffer` do, in the same order."""
    structs = re.findall(r"typedef struct \{(.*?)\} (\w+);", SOURCE.read_text(), re.DOTALL)
    expected = {"Tables": kernel.CTables, "Buffer": kernel.CBuffer}
    assert [name for _, name in structs] == list(expected)
    for body, name in structs:
        declared = re.findall(r"(\w+)\s*[,;]", re.sub(r"/\*.*?\*/", "", body))
        assert declared == [each[0] for each in expected[name]._fields_]


@needs_kernel
def test_library_that_was_built_is_taken() -> None:
    """There is no reason against it, and it makes the default engine."""
    assert why_not() == ""
    assert open_library().version() == VERSION
    assert make_engine("auto", system(2), True, 1).name == "kernel"


@needs_kernel
def test_library_of_another_version_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its functions may want other arguments."""
    monkeypatch.setattr(kernel, "VERSION", VERSION + 1)
    assert load_library() is None
    assert why_not() == f"_kernel.so is of version {VERSION}, expected {VERSION + 1}"


def test_library_that_says_no_version_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was built before there were versions, or some other library."""
    monkeypatch.setattr(kernel, "LIBRARY", Path(msgspec._core.__file__))
    assert load_library() is None
    assert why_not().endswith(f"is of version 0, expected {VERSION}")


def test_file_that_is_no_library_is_not_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Half a file, or one for another machine."""
    broken = tmp_path / "_kernel.so"
    broken.write_text("not a library")
    monkeypatch.setattr(kernel, "LIBRARY", broken)
    assert load_library() is None
    assert "_kernel.so" in why_not()


def test_missing_library_leaves_numpy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The default engine is NumPy then; asking for the compiled one gives the reason."""
    monkeypatch.setattr(kernel, "LIBRARY", tmp_path / "_kernel.so")
    assert why_not() == "not compiled when this package was installed"
    assert make_engine("auto", system(2), True, 1).name == "numpy"
    with pytest.raises(NoKernelError, match="not compiled when this package was installed"):
        make_engine("kernel", system(2), True, 1)
