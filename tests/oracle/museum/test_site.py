"""Tests of the site: it is made, whole, and read without a network."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from attrs import define, field
from axe_playwright_python.sync_playwright import Axe

from oracle.commands.museum import museum
from oracle.museum.findings import read_findings
from oracle.museum.site import build
from oracle.terminal.usage import UsageError
from tests.oracle.command import raft_oracle
from tests.oracle.pictures.browser import browser, cut_off, opened
from tests.require import require
from tests.sources import ROOT

pytestmark = [pytest.mark.xdist_group("museum"), pytest.mark.once]
PAGES_LOOKED_AT = (
    "index.html",
    "museum/by-mechanism.html",
    "museum/by-library.html",
    "museum/by-length.html",
    "docs/findings/dump-discards-journal.html",
    "docs/journeys/teacher.html",
)


@define
class Page(HTMLParser):
    """What a page leads to, and the places in it that others lead to."""

    links: list[str] = field(factory=list)
    places: set[str] = field(factory=set)

    def __attrs_post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element with its attributes."""
        values = dict(attrs)
        self.links += [str(values[name]) for name in ("href", "src") if values.get(name)]
        self.places |= {str(values["id"])} if "id" in values else set()


def read(path: Path) -> Page:
    """A page of the site."""
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository."""
    folder = tmp_path_factory.mktemp("museum")
    done = raft_oracle(folder, "museum", "site")
    assert done.code == 0, done.err
    count = len(read_findings(ROOT / "docs" / "findings"))
    assert done.out == f"{count} findings in site; open site/index.html\n"
    return folder / "site"


def test_site_is_whole_and_asks_nobody(site: Path) -> None:
    """Every link leads to a file, and to a place in it; only links go to other servers."""
    pages = {path.resolve(): read(path) for path in site.rglob("*.html")}
    lost = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "data"):
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages.get(there)
            in_run = parts.fragment.startswith("step=")
            if not there.is_file() or (
                parts.fragment and known and not in_run and parts.fragment not in known.places
            ):
                lost.append((path.name, link))
    assert lost == []
    text = "".join(path.read_text("utf-8") for path in pages)
    assert re.findall(r'(?:src|rel="stylesheet"[^>]*href)="https?:', text) == []


def test_every_finding_has_its_page_and_its_run(site: Path) -> None:
    """The page says what it teaches, and leads to the run if that is kept."""
    findings = read_findings(ROOT / "docs" / "findings")
    for finding in findings:
        page = (site / "docs" / "findings" / f"{finding.name}.html").read_text("utf-8")
        assert finding.title.split("`")[0][:20] in page
        leads_on = f'href="../../runs/{finding.name}.html"' in page
        assert leads_on == (finding.trace is not None)
    assert len(list((site / "runs").iterdir())) == sum(each.trace is not None for each in findings)


def test_pages_are_read_from_disk_at_every_width(site: Path) -> None:
    """No request beside the site, no error in the console, nothing cut off or hard to use."""
    require("chromium")
    with browser() as started:
        for place, name in enumerate(PAGES_LOOKED_AT):
            with opened(started, site / name, 1600 if place % 2 else 360, within=site) as watched:
                assert watched.complaints == []
                assert cut_off(watched.page, "article") == []
                found = Axe().run(watched.page).response["violations"] if place % 2 == 0 else []
                assert [each for each in found if each["impact"] in ("serious", "critical")] == []


@pytest.mark.filterwarnings("ignore:.*MystReferenceResolver.app")  # what the next MyST mends
def test_page_that_is_wrong_is_not_shown(tmp_path: Path) -> None:
    """A link that leads nowhere ends it, with the page and the line."""
    (tmp_path / "README.md").write_text("# All\n\n[gone](docs/gone.md)\n")
    pages = ("CONTRIBUTING", "SECURITY", "CHANGELOG", "docs/a", "docs/journeys/b")
    for name in (*pages, "examples/labs/README"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.md").write_text(f"# {name}\n")
    findings = tmp_path / "docs" / "findings"
    findings.mkdir(parents=True)
    source = ROOT / "docs" / "findings" / "raftos-vote-forgotten.md"
    (findings / source.name).write_bytes(source.read_bytes())
    (findings / "README.md").write_text("# Findings\n")
    with pytest.raises(UsageError, match=r"museum: index.md:3: WARNING: .*gone"):
        build(tmp_path, tmp_path / "site")


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra, with how to install it, or the documents, which are in no wheel."""
    command = museum.callback
    assert command is not None
    monkeypatch.setattr("oracle.commands.museum.CHECKOUT", tmp_path)
    with pytest.raises(UsageError, match=f"found no docs/findings in {tmp_path}, expected a clone"):
        command(out=tmp_path / "site")
    monkeypatch.setattr("oracle.commands.museum.NEEDED", ("sphinx", "not_there"))
    with pytest.raises(UsageError, match="found no not_there, expected the extra: pip install"):
        command(out=tmp_path / "site")
