"""What the museum adds to the pages, as Markdown: its rooms, and the label beside each finding."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from oracle.museum.findings import Finding
from oracle.museum.mechanisms import MECHANISMS

FROM_ROOMS: Final = "../docs/findings/"
"""Where the findings' pages are, seen from the pages here."""


def rooms(findings: Sequence[Finding]) -> Mapping[str, str]:
    """The pages by which findings are sorted, by file name."""
    return {
        "by-mechanism.md": by_mechanism(findings),
        "by-library.md": by_library(findings),
        "by-length.md": by_length(findings),
    }


def by_mechanism(findings: Sequence[Finding]) -> str:
    """Every mechanism with its sentence, and what each of its findings teaches."""
    found: list[str] = []
    for mechanism, sentence in MECHANISMS.items():
        own = sorted(
            (each for each in findings if each.head.mechanism == mechanism),
            key=lambda each: (each.head.steps, each.name),
        )
        if own:
            found += [f"## {mechanism.capitalize()}", "", sentence, ""]
            found += [*(item(each) for each in own), ""]
    libraries = {each.head.library for each in findings}
    intro = (
        f"{len(findings)} mistakes in {len(libraries)} real libraries, by how they come about. "
        "Each has a run to step through, and says what it teaches."
    )
    return page("By mechanism", intro, found)


def item(finding: Finding) -> str:
    """A finding among those of its mechanism."""
    head = finding.head
    return (
        f"- **{link(finding)}**: {head.library} {head.versions}, {head.property} in "
        f"{head.steps} steps. {head.teaches}"
    )


def by_library(findings: Sequence[Finding]) -> str:
    """A table for each library."""
    found: list[str] = []

    def library(finding: Finding) -> str:
        return finding.head.library

    for name, own in groupby(sorted(findings, key=lambda each: library(each).lower()), library):
        found += [f"## {name}", ""]
        found += table(
            sorted(own, key=lambda each: (each.head.mechanism, each.head.steps)),
            {
                "finding": link,
                "mechanism": lambda each: each.head.mechanism,
                "breaks": lambda each: each.head.property,
                "steps": lambda each: str(each.head.steps),
                "versions": lambda each: each.head.versions,
                "reported": reported,
            },
        )
        found.append("")
    return page("By library", "What was found in which library.", found)


def by_length(findings: Sequence[Finding]) -> str:
    """One table, the shortest run first."""
    rows = table(
        sorted(findings, key=lambda each: (each.head.steps, each.name)),
        {
            "steps": lambda each: str(each.head.steps),
            "finding": link,
            "library": lambda each: each.head.library,
            "breaks": lambda each: each.head.property,
            "mechanism": lambda each: each.head.mechanism,
        },
    )
    return page("By length", "The shortest runs first: good ones to begin with.", rows)


def table(
    findings: Iterable[Finding], columns: Mapping[str, Callable[[Finding], str]]
) -> list[str]:
    """A table in Markdown, a row a finding."""
    rows = [columns, ["---"] * len(columns)]
    rows += [[cell(finding) for cell in columns.values()] for finding in findings]
    return [f"| {' | '.join(row)} |" for row in rows]


def page(title: str, intro: str, lines: Iterable[str]) -> str:
    """A whole page."""
    return "\n".join([f"# {title}", "", intro, "", *lines]).rstrip() + "\n"


def link(finding: Finding) -> str:
    """The way to a finding."""
    return f"[{finding.title}]({FROM_ROOMS}{finding.name}.md)"


def reported(finding: Finding) -> str:
    """Where it was reported."""
    return ", ".join(map(issue_link, finding.head.issues)) or "not known"


def issue_link(issue: str) -> str:
    """An issue on GitHub."""
    repository, _, number = issue.partition("#")
    return f"[{issue}](https://github.com/{repository}/issues/{number})"


def labelled(finding: Finding, run: str | None, pictures: Sequence[tuple[str, str]]) -> str:
    """The page of a finding, with its label between title and text.

    `run` is the address of the page of its run, `pictures` are files and what they show.
    """
    title, _, text = finding.text.partition("\n")
    return "\n".join([title, "", *label(finding, run, pictures), text])


def label(finding: Finding, run: str | None, pictures: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What it teaches, what it is, and the run."""
    head = finding.head
    yield from [":::{admonition} What it teaches", ":class: tip", head.teaches, ":::", ""]
    yield (
        f"{head.library} {head.versions}. Mechanism: {head.mechanism}. Breaks {head.property} in "
        f"{head.steps} steps. Reported: {reported(finding)}.\n"
    )
    if run is None:
        yield "The program that drove this library is not kept, so there is no run.\n"
    else:
        yield f'<a class="run" href="{run}">Step through the run</a>\n'
    for file, what in pictures:
        yield f"![{what}]({file})\n"
