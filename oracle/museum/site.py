"""The museum as a folder of HTML: pages are gathered, runs drawn, and Sphinx makes a site of it.

What Sphinx warns of, a link that leads nowhere above all, is an error: a page that is wrong is not
shown.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from oracle.museum.catalogue import labelled, rooms
from oracle.museum.findings import OVERVIEW, Finding, read_findings, run_of
from oracle.pictures.logs import logs
from oracle.pictures.report_page import report_page
from oracle.pictures.svg import svg
from oracle.processes.scratch import scratch_folder
from oracle.store.result_folder import made_below, write_safely
from oracle.terminal.usage import UsageError

PAGES: Final = (
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/**/*.md",
    "examples/labs/README.md",
    "examples/protocols/README.md",
)
"""The documents that are on the site, beside README, with which it begins."""
LINK: Final = re.compile(r"\[(?P<words>[^\]]*)\]\((?!https?:|#)(?P<target>[^)#\s]+)[^)]*\)")
COLOUR: Final = re.compile(r"\x1b\[[\d;]*m")
LONGEST_PICTURE: Final = 40
"""Steps of a still picture; a longer run is only there to step through."""
RUN_PICTURE: Final = "The run: time goes down, an arrow is a message"
LOGS_PICTURE: Final = "The logs of all servers after the last changes"
RUNS: Final = "runs"
EASED: Final[dict[str, str]] = {
    "<pre>": '<pre tabindex="0">',
    'role="heading">': 'role="heading" aria-level="2">',
}
"""What Sphinx leaves out of its elements, and axe-core misses."""
STYLE: Final = "museum.css"
SETTINGS: Final[dict[str, Any]] = {
    "project": "raft-oracle",
    "html_title": "raft-oracle",
    "extensions": ["myst_parser"],
    "source_suffix": {".md": "markdown"},
    "root_doc": "index",
    "myst_heading_anchors": 3,
    "myst_enable_extensions": ["colon_fence"],
    "highlight_language": "none",
    "html_theme": "furo",
    "html_copy_source": False,
    "html_show_copyright": False,
    "html_static_path": ["_static"],
    "html_css_files": [STYLE],
    "html_extra_path": ["_extra"],
}
CONTENTS: Final[dict[str, Sequence[str]]] = {
    "Museum of bugs": (
        "museum/by-mechanism",
        "museum/by-library",
        "museum/by-length",
        "docs/findings/README",
    ),
    "First steps": ("docs/journeys/*",),
    "Documents": ("docs/*", "examples/*/README", "CONTRIBUTING", "SECURITY", "CHANGELOG"),
}
"""What stands at the side of every page."""


@frozen
class Gathering:
    """A folder in which all that Sphinx reads is put together."""

    repository: Path
    folder: Path

    def gather(self) -> int:
        """All pages, the runs of the findings, and what pages link to; how many findings."""
        (self.folder / "_extra").mkdir(parents=True)
        for pattern in PAGES:
            for page in sorted(self.repository.glob(pattern)):
                self.copy(page)
        self.write("index.md", (self.repository / "README.md").read_text("utf-8") + contents())
        findings = read_findings(self.repository / "docs" / "findings")
        for finding in findings:
            self.exhibit(finding)
        overview = f"docs/findings/{OVERVIEW}"
        names = [finding.name for finding in findings]
        self.write(overview, (self.folder / overview).read_text("utf-8") + toctree(names))
        for name, text in rooms(findings).items():
            self.write(f"museum/{name}", text)
        self.write(f"_static/{STYLE}", files("oracle.museum").joinpath(STYLE).read_text("utf-8"))
        for page in sorted(self.folder.rglob("*.md")):
            self.copy_what_it_shows(page)
        return len(findings)

    def exhibit(self, finding: Finding) -> None:
        """A finding's page with its label, and its run where that is kept."""
        run, pictures = None, []
        execution = run_of(finding)
        if execution is not None:
            self.write(f"_extra/{RUNS}/{finding.name}.html", report_page(execution).decode())
            run = f"../../{RUNS}/{finding.name}.html"
            if len(execution.steps) <= LONGEST_PICTURE:
                pictures.append((f"{finding.name}.svg", RUN_PICTURE))
                self.write(f"docs/findings/{finding.name}.svg", svg(execution))
            if any(state.log for step in execution.steps for state in step.states.values()):
                pictures.append((f"{finding.name}.logs.svg", LOGS_PICTURE))
                self.write(f"docs/findings/{finding.name}.logs.svg", logs(execution))
        self.write(f"docs/findings/{finding.name}.md", labelled(finding, run, pictures))

    def copy_what_it_shows(self, page: Path) -> None:
        """The files that a page links to: pictures, sources to download; not folders."""
        text = page.read_text("utf-8")
        for link in LINK.finditer(text):
            there = (page.parent / link["target"]).resolve()
            source = self.repository / there.relative_to(self.folder)
            if source.is_dir():
                text = text.replace(link[0], link["words"])
            elif source.is_file() and not there.exists():
                self.copy(source)
        page.write_text(text, "utf-8")

    def copy(self, source: Path) -> None:
        """A file of the repository, in its place."""
        target = self.folder / source.relative_to(self.repository)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)

    def write(self, name: str, text: str) -> None:
        """A file that is made."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def contents() -> str:
    """The contents of the site, for its first page."""
    return "".join(toctree(pages, caption) for caption, pages in CONTENTS.items())


def toctree(pages: Sequence[str], caption: str = "") -> str:
    """A part of the contents."""
    title = [f":caption: {caption}"] if caption else []
    return "\n".join(["", "```{toctree}", ":hidden:", ":glob:", *title, "", *pages, "```", ""])


def build(repository: Path, target: Path) -> int:
    """Make the site; the number of its findings. UsageError where a page is not as it must be."""
    with scratch_folder() as name:
        place = name.resolve()
        gathering = Gathering(repository.resolve(), place / "source")
        count = gathering.gather()
        site = place / "site"  # Sphinx does not begin where it finds its own half-written files
        complaints = list(sphinx(gathering.folder, site, place / "doctrees"))
        for page in gathering.folder.rglob("*.md"):
            ease(site / page.relative_to(gathering.folder).with_suffix(".html"))
        put(site, target)
    if complaints:
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        raise UsageError(f"museum: {complaints[0]}{more}")
    return count


def put(site: Path, target: Path) -> None:
    """Copy a site to its place, and nothing through a link that somebody has put there."""
    for file in sorted(site.rglob("*")):
        if file.is_file():
            folder = made_below(target, str(file.parent.relative_to(site)))
            write_safely(folder / file.name, file.read_bytes())


def ease(page: Path) -> None:
    """Let whoever has no mouse scroll what is wide, and say how deep a caption is."""
    if page.is_file():
        text = page.read_text("utf-8")
        for old, new in EASED.items():
            text = text.replace(old, new)
        page.write_text(text, "utf-8")


def sphinx(source: Path, target: Path, doctrees: Path) -> Iterator[str]:
    """Let Sphinx make pages of the source; what it warns of."""
    warnings = StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            srcdir=source,
            confdir=None,
            outdir=target,
            doctreedir=doctrees,
            buildername="html",
            confoverrides=SETTINGS,
            status=None,
            warning=warnings,
        )
        app.build()
    for line in COLOUR.sub("", warnings.getvalue()).splitlines():
        yield line.replace(f"{source}/", "")
