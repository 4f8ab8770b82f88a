"""Go as unmodified Rafts are built with it: one version, with nothing of the user's in its way.

The patches of the standard library are texts of one version of Go. Any Go from 1.21 on fetches
that version by itself, as a module, where GOTOOLCHAIN asks for it.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from oracle.processes.tool import ToolError, lines_of, on_path, output_of
from oracle.processes.user_cache import cache_directory, link_in_place
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import said_by_system

VERSION: Final = "go1.26.8"
"""The Go whose standard library is patched."""
OLDEST: Final = (1, 21)
"""The first Go that fetches other versions of itself."""
WHERE: Final = "https://go.dev/dl"
DISTURBING: Final = (
    *("CGO_ENABLED", "GO111MODULE", "GODEBUG", "GOEXPERIMENT", "GOFLAGS", "GOROOT", "GOTOOLCHAIN"),
    *("GO386", "GOAMD64", "GOARCH", "GOARM", "GOARM64", "GOFIPS140", "GOOS", "GOWORK"),
)
"""Variables of the environment that would change what is built."""
FLAGS: Final = "-buildvcs=false"
"""The value of GOFLAGS; not an empty one, so that it hides what `go env -w` has stored."""
DEFAULTS: Final = {
    "GOFLAGS": FLAGS,
    "GOWORK": "off",
    "GO111MODULE": "on",
    "CGO_ENABLED": "0",
    "GOAMD64": "v1",
    "GOARM64": "v8.0",
    "GOFIPS140": "off",
}
"""What a build has of these in place of what `go env -w` has stored."""
ASKED: Final = ("GOVERSION", "GOROOT", "GOMODCACHE", "GOPATH", "GOHOSTOS", "GOHOSTARCH")
NOISE: Final = ("#", "go: downloading", "go: finding", "go: found", "go: added", "go: upgraded")
"""How lines of Go begin that say what it does, and not what is wrong."""
LINES_SHOWN: Final = 3
"""Of what Go says is wrong: at most so many lines, the first ones."""


@frozen(kw_only=True)
class Toolchain:
    """A Go of the version that is patched."""

    program: str
    root: Path
    """GOROOT: its files can be overlaid."""
    search_path: tuple[Path, ...]
    """GOPATH: where packages lie that are in no module."""
    system: str
    """What it builds for, as `linux/amd64`."""

    @property
    def source(self) -> Path:
        """Where the standard library lies."""
        return self.root / "src"

    def environment(self, **variables: str) -> dict[str, str]:
        """The environment for a build, which nothing that the user has set disturbs."""
        system, _, processor = self.system.partition("/")
        return undisturbed(
            GOTOOLCHAIN="local",
            GOROOT=str(self.root),
            GOOS=system,
            GOARCH=processor,
            GOEXPERIMENT="norandomizedheapbase64",
            **variables,
        )

    def run(self, folder: Path, environment: Mapping[str, str], *words: str) -> str:
        """What `go` with these words prints in a folder; ToolError where it fails."""
        # Go takes the folder's name from PWD, which has to be the one that it is given here.
        environment = {**environment, "PWD": str(folder)}
        return output_of((self.program, *words), folder, environment, first_complaints)


def find() -> Toolchain:
    """The toolchain; UsageError where there is none, or none that can fetch it."""
    program = on_path("go")
    if program is None:
        raise UsageError(f"go: found none on the PATH, expected Go 1.21 or newer ({WHERE})")
    environment = undisturbed(GOTOOLCHAIN=VERSION, GOFLAGS="")  # an old Go knows few flags
    try:
        command = (program, "env", "-json", *ASKED)
        answer = output_of(command, Path(os.sep), environment, first_complaints)
        found = json.loads(answer)
    except ToolError as error:
        raise UsageError(f"go: {error}; expected {a_way_to_get_it()}") from None
    except ValueError:
        raise UsageError(f"go: found {program}, which prints no JSON; expected Go 1.21") from None
    check_version(program, found.get("GOVERSION", ""))
    root = overlayable(Path(found["GOROOT"]), Path(found["GOMODCACHE"]))
    return Toolchain(
        program=str(root / "bin" / "go"),
        root=root,
        search_path=tuple(Path(each) for each in found["GOPATH"].split(os.pathsep) if each),
        system=f"{found['GOHOSTOS']}/{found['GOHOSTARCH']}",
    )


def undisturbed(**variables: str) -> dict[str, str]:
    """The environment without what would change a build, and with these variables."""
    kept = {name: text for name, text in os.environ.items() if name not in DISTURBING}
    return kept | DEFAULTS | variables


def check_version(program: str, version: str) -> None:
    """UsageError where Go is too old to fetch the version that is patched, or did not."""
    if version.split(" ")[0].split("-")[0] == VERSION:  # some name their maker behind it
        return
    numbers = re.match(r"go(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < OLDEST:
        found = version or "a Go that does not say which"
        raise UsageError(
            f"go: found {found} ({program}), expected Go 1.21 or newer, which fetches {VERSION} "
            f"by itself ({WHERE})"
        )
    raise UsageError(
        f"go: found {version} ({program}), which does not fetch {VERSION}; "
        f"expected {a_way_to_get_it()}"
    )


def a_way_to_get_it() -> str:
    """What the user can do where Go does not fetch the version that is patched."""
    return f"{VERSION}, from a module proxy that can be reached (GOPROXY) or from {WHERE}"


def overlayable(root: Path, modules: Path) -> Path:
    """A name of GOROOT under which Go lets its files be overlaid.

    It refuses that for all that lies in the module cache, where a version that it fetched lies.
    """
    if not root.resolve().is_relative_to(modules.resolve()):
        return root
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:8]
    link = cache_directory() / "unmodified" / f"{VERSION}-{digest}"
    try:
        link_in_place(link, root)
    except OSError as error:
        raise UsageError(f"cache: {said_by_system(error)}") from None
    return link


def first_complaints(output: str) -> str:
    """What Go says is wrong, in one line: compilers begin with what matters."""
    lines = [line for line in lines_of(output) if not line.startswith(NOISE)]
    return "; ".join(lines[:LINES_SHOWN])
