"""The rules of JUnit's XML as Jenkins publishes them (junit-10.xsd), in a few tables.

There is no schema by JUnit itself; this is the one that readers of such files hold to.
"""

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from attrs import frozen


@frozen
class Kind:
    """What an element must have, may have, and may hold."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()


COUNTS: Final = frozenset({"tests", "failures", "errors"})
OUTPUT: Final = frozenset({"system-out", "system-err"})
KINDS: Final = {
    "testsuites": Kind(
        frozenset(), COUNTS | {"name", "time", "disabled", "skipped"}, frozenset({"testsuite"})
    ),
    "testsuite": Kind(
        frozenset({"name", "tests"}),
        COUNTS | {"skipped", "time", "timestamp", "hostname", "id", "package", "disabled", "file"},
        OUTPUT | {"testcase", "properties", "testsuite"},
    ),
    "testcase": Kind(
        frozenset({"name", "classname"}),
        frozenset({"time", "assertions", "status", "file", "line"}),
        OUTPUT | {"skipped", "error", "failure", "properties"},
    ),
    "failure": Kind(frozenset({"type"}), frozenset({"message"})),
    "skipped": Kind(frozenset(), frozenset({"message", "type"})),
}


def faults(document: bytes) -> list[str]:
    """What in a document is against the rules; nothing where it keeps to them."""
    root = ElementTree.fromstring(document)
    if root.tag not in ("testsuites", "testsuite"):
        return [f"the root is {root.tag}"]
    return list(faults_in(root))


def faults_in(element: ElementTree.Element) -> Iterator[str]:
    """What is against the rules in an element and in all that it holds."""
    kind = KINDS[element.tag]
    for missing in sorted(kind.required - set(element.keys())):
        yield f"{element.tag} has no {missing}"
    for unknown in sorted(set(element.keys()) - kind.required - kind.optional):
        yield f"{element.tag} has {unknown}"
    if element.get("tests") is not None:
        yield from wrong_counts(element)
    for child in element:
        if child.tag in kind.children:
            yield from faults_in(child)
        else:
            yield f"{element.tag} holds {child.tag}"


def wrong_counts(element: ElementTree.Element) -> Iterator[str]:
    """Counts that differ from what there is."""
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        counted = sum(1 for _ in element.iter(tag))
        if element.get(name, str(counted)) != str(counted):
            yield f"{name} is {element.get(name)}, not {counted}"
