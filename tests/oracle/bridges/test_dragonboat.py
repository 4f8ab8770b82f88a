"""dragonboat behind its bridge: hunted in all its settings it holds, and its mutants are caught.

Go fetches the library from its module proxy; without it these tests are skipped, and say so.
"""

import json
import subprocess
from pathlib import Path

import pytest

from oracle.bridging.build import adapter_command
from oracle.bridging.description import find_bridge
from tests.oracle.walks import first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("dragonboat")
MUTANTS = (
    "counts-older-vote",
    "commits-older-term",
    "transfer-claimed-unasked",
    "pre-vote-raises-term",
)
"""Those that are planted here, which must be found in few runs: each has the library built anew."""

pytestmark = [pytest.mark.once, needs_bridge("dragonboat")]


@pytest.mark.parametrize(
    ("servers", "settings"),
    [(3, {}), (5, {"check_quorum": "on", "pre_vote": "on"}), (4, {"max_size": "none"})],
    ids=str,
)
def test_the_library_keeps_all_properties(servers: int, settings: dict[str, str]) -> None:
    """Some runs of every kind find nothing but what is known."""
    assert first_violation("dragonboat", 40, servers, settings) is None


def test_settings_in_the_working_folder_are_not_read(tmp_path: Path) -> None:
    """A file with the name of the library's settings would end the program where it is read."""
    for name in ("dragonboat-soft-settings.json", "dragonboat-hard-settings.json"):
        (tmp_path / name).write_text("no JSON")
    done = subprocess.run(
        adapter_command("dragonboat"),
        cwd=tmp_path,
        input='{"op":"hello","protocol":1}\n',
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["name"] == "dragonboat"


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_caught(mutant: str) -> None:
    """A mistake planted in the library breaks what its description says."""
    planted = BRIDGE.mutant(mutant)
    assert first_violation("dragonboat", 400, mutant=mutant, wanted=planted.breaks)
