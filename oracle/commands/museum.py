"""`raft-oracle museum`: a static site of every finding, and of the documents."""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from oracle.store.result_folder import check_folder
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.usage import UsageError

CHECKOUT: Final = Path(__file__).resolve().parent.parent.parent
"""Where the documents are, if the package runs from a clone of the repository."""
NEEDED: Final = ("sphinx", "myst_parser", "furo", "yaml")


@click.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
def museum(out: Path) -> None:
    """Make a site in OUT of every finding in docs/findings, with its run.

    Findings are sorted by mechanism, by library and by length, and the documents are on the site as
    well. It needs no network to be made or read. Run it from a clone, with the extra `museum`.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"museum: found no {missing[0]}, expected the extra: pip install 'raft-oracle[museum]'"
        )
    if not (CHECKOUT / "docs" / "findings").is_dir():
        raise UsageError(f"museum: found no docs/findings in {CHECKOUT}, expected a clone")
    check_folder(out)
    from oracle.museum.site import build

    count = build(CHECKOUT, out)
    with even_if_nobody_listens():
        echo(f"{count} findings in {out}; open {out / 'index.html'}")
