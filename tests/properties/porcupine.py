"""Porcupine's histories, of Jepsen and of a store of texts, and the published verdicts.

Where the data come from: tests/data/porcupine/README.md.
"""

import gzip
from pathlib import Path
from typing import Final

from oracle.histories.reading import History, read_history

FOLDER: Final = Path(__file__).parents[1] / "data" / "porcupine"
JEPSEN_FILES: Final = tuple(sorted(FOLDER.glob("jepsen/*.log.gz")))
KEY_VALUE_FILES: Final = tuple(sorted(FOLDER.glob("kv/*.txt.gz")))

LINEARIZABLE_LOGS: Final = frozenset(
    {2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56, 67, 75, 76, 80, 87, 92, 98, 100, 101, 102}
)
"""Those that `checkJepsen(t, ..., true)` names; all others are not linearizable."""


def is_published_linearizable(path: Path) -> bool:
    """The verdict of porcupine_test.go on one of its files."""
    if path in KEY_VALUE_FILES:
        return "-ok." in path.name
    return int(path.name[len("etcd_") :][:3]) in LINEARIZABLE_LOGS


def published(path: Path) -> History:
    """A history as `check-history` reads it."""
    return read_history(gzip.decompress(path.read_bytes()).splitlines(keepends=True))


def name_of(path: Path) -> str:
    """The name of a history, for tests."""
    return path.name.split(".")[0]
