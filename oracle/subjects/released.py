"""Which library a subject is in its registry, and how a version of it is had."""

from typing import Final

from attrs import frozen

from model.target import Bridge, InProcess, NamedSubject
from oracle.bridging.build import adapter_command
from oracle.bridging.description import PINNED, bridges, find_bridge
from oracle.bridging.versions import TOOLS, Ecosystem, Range, listed_versions, versions_in
from oracle.subjects.pysyncobj.install import OLDEST, PACKAGE, directory_of
from oracle.terminal.usage import UsageError

PYSYNCOBJ: Final = PACKAGE


@frozen
class Released:
    """A library as its registry knows it, and the oldest version that can be a subject."""

    ecosystem: Ecosystem
    name: str
    oldest: str
    known: tuple[str, ...] = ()
    """Versions whose hashes the bridge lists: a mirror may have them and list others only."""

    @property
    def listed_by(self) -> str:
        """Who lists its versions, with the verb."""
        tool = TOOLS[self.ecosystem]
        return f"{tool} and the bridge list" if self.known else f"{tool} lists"

    def within(self, wanted: Range) -> tuple[str, ...]:
        """The versions of a range, which the registry is asked for."""
        listed = (*listed_versions(self.ecosystem, self.name), *self.known, self.oldest)
        whose = f"the versions of {self.name} that {self.listed_by}"
        can_be = versions_in(Range(self.oldest, wanted.newest), listed, whose)
        return versions_in(wanted, can_be, f"{whose}, from {self.oldest} on")


def released(subject: NamedSubject) -> Released:
    """The library that a subject is; UsageError where only one version of it can be one."""
    match subject:
        case InProcess(name) if name == PYSYNCOBJ:
            return Released("pypi", PACKAGE, OLDEST)
        case Bridge(name):
            bridge = find_bridge(name)
            library = bridge.library
            if library and library.oldest is not None and library.ecosystem != "maven":
                known = bridge.listed_versions()
                return Released(library.ecosystem, library.name, library.oldest, known)
    raise UsageError(
        f"version: found a range for {subject.text}, whose releases are not searched; expected one "
        f"of {', '.join((PYSYNCOBJ, *with_versions()))}"
    )


def with_versions() -> tuple[str, ...]:
    """The bridges that can be built with other versions of their library."""
    found = bridges().values()
    return tuple(each.name for each in found if each.library and each.library.oldest is not None)


def obtain(subject: NamedSubject, version: str, mutant: str | None) -> None:
    """Fetch and build a version; ValueError says in one line why it cannot be had."""
    if isinstance(subject, Bridge):
        adapter_command(subject.text, mutant, {PINNED: version})
    else:
        directory_of(version)
