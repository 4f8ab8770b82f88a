"""Versions of libraries whose hash this project does not know: the user has to ask for them."""

from collections.abc import Mapping
from typing import Final

from model.target import Bridge, InProcess, NamedSubject
from oracle.bridging.description import PINNED, find_bridge, version_in
from oracle.subjects.pip_install import VERSION_PATTERN, is_listed
from oracle.subjects.pysyncobj.install import HASHES as PYSYNCOBJ_HASHES
from oracle.subjects.pysyncobj.install import installed_version
from oracle.subjects.raftos.library import HASHES as RAFTOS_HASHES

HASHES: Final = {"pysyncobj": PYSYNCOBJ_HASHES, "raftos": RAFTOS_HASHES}


def unlisted_version(subject: NamedSubject, settings: Mapping[str, str]) -> str | None:
    """The version that settings would have fetched, if its hash is not listed; None otherwise.

    What is no version at all is refused where it is used.
    """
    version = settings.get(PINNED, "")
    match subject:
        case InProcess(name) if VERSION_PATTERN.fullmatch(version):
            is_there = name == "pysyncobj" and version == installed_version()
            return None if is_there or is_listed(name, version, HASHES[name]) else version
        case Bridge(name) if version_in(name, settings) is not None:
            return None if find_bridge(name).is_listed(version) else version
        case _:
            return None
