"""Go sources as far as it takes to recognise a Raft: packages, imports and functions.

No compiler is asked, since sources that do not compile have to be told apart too. Comments and the
contents of texts are blanked first, at equal length, so that places in what is left are places in
the source.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from oracle.store.input_files import InputError, read_whole
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import unbroken

TOKEN: Final = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)"
    r'|"(?:\\.|[^"\\\n])*+(?:"|(?=\n)|\Z)|`[^`]*`|\'(?:\\.|[^\'\\\n])++(?:\'|(?=\n)|\Z)',
    re.DOTALL,
)
"""A comment, a text or a rune. Where nobody ends it, a comment goes to the end of the file, and a
text to that of its line, so that no character is read twice."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Of one file of a directory: none that a person writes is as long."""
PACKAGE: Final = re.compile(r"^[ \t]*package\s+(\w+)", re.MULTILINE)
IMPORT: Final = re.compile(r"^import\b\s*(\([^)]*\)?|[^\n;]*)", re.MULTILINE)
IMPORTED: Final = re.compile(
    r'(?:(?<![\w.])([\w.]++)|(?<![\w. \t]))[ \t]*+(?:"([^"\n]*)"|`([^`]*)`)'
)
"""A name, if any, and a path; it begins where no other could, as a file may be all letters."""
FUNCTION: Final = re.compile(r"^func\s+(\w+)\s*\(", re.MULTILINE)
CGO: Final = "C"
"""What a file imports that is partly written in C."""
BRACKETS: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
TYPE_WORDS: Final = frozenset({"chan", "func", "interface", "map", "struct"})
"""Words that begin a type, and so are no names of parameters."""


def true_path(path: Path) -> Path:
    """Where a path leads, through links; of links in a circle, at which `resolve` fails, to one."""
    return Path(os.path.realpath(path))


@frozen
class Function:
    """A function that is no method."""

    name: str
    parameters: tuple[str, ...]
    """The type of each parameter."""
    result: str
    line: int

    @property
    def is_exported(self) -> bool:
        """Whether other packages may call it."""
        return self.name[0].isupper()


@frozen
class GoFile:
    """A file of a package."""

    path: Path
    package: str
    imports: Mapping[str, str]
    """Import paths by the names that the file has for them."""
    functions: tuple[Function, ...]


def blanked(text: str, texts_too: bool = True) -> str:
    """The source with spaces for comments and, unless they are wanted, for texts."""

    def blank(token: re.Match[str]) -> str:
        is_comment = token[0].startswith("/")
        return re.sub(r"[^\n]", " ", token[0]) if is_comment or texts_too else token[0]

    return TOKEN.sub(blank, text)


def read_bytes(path: Path) -> bytes:
    """A file of a directory; UsageError where it has no end that memory has room for."""
    try:
        return read_whole(path, MOST_BYTES)
    except InputError as error:
        raise UsageError(f"subject: {path}: {error}") from None


def read_text(path: Path) -> str:
    """The source of a file, whatever its bytes."""
    return read_bytes(path).decode("utf-8", "replace")


def files_of(folder: Path) -> list[Path]:
    """The Go files of a folder that belong to its package, in the order of their names.

    UsageError where one is a pipe or a device, which Go itself would read for ever.
    """
    for path in sorted(folder.glob("*.go")):
        if path.exists() and not path.is_file() and not path.is_dir():
            raise UsageError(f"subject: found {path}, which is no plain file")
    return [
        path
        for path in sorted(folder.glob("*.go"))
        if path.is_file() and path.name[0] not in "._" and not path.name.endswith("_test.go")
    ]


def is_in_c(path: Path) -> bool:
    """Whether a file of Go is partly written in C."""
    return CGO in read_file(path).imports.values()


def read_package(folder: Path) -> list[GoFile]:
    """All Go files of a folder's package."""
    return [read_file(path) for path in files_of(folder)]


def read_file(path: Path) -> GoFile:
    """What a file says of itself."""
    text = read_text(path)
    code = blanked(text)
    package = PACKAGE.search(code)
    return GoFile(
        path=path,
        package=package[1] if package else "",
        imports=dict(imports_in(blanked(text, texts_too=False))),
        functions=tuple(functions_in(code)),
    )


def imports_in(code: str) -> Iterator[tuple[str, str]]:
    """Every import of a file without comments, by its name in this file."""
    for declaration in IMPORT.finditer(code):
        for name, quoted, raw in IMPORTED.findall(declaration[1]):
            path = quoted or raw
            yield name or path.rsplit("/", 1)[-1], path


def functions_in(code: str) -> Iterator[Function]:
    """Every function of a file without comments and texts.

    Each is looked for up to the next one alone: a file may be long, and no bracket closed in it.
    """
    found = list(FUNCTION.finditer(code))
    ends = [*(each.start() for each in found[1:]), len(code)]
    line = 1 + code.count("\n", 0, found[0].start() if found else 0)
    for each, until in zip(found, ends, strict=False):
        text, start = code[each.start() : until], each.end() - each.start()
        end = closing(text, start)
        body = text.find("{", end)
        line_end = text.find("\n", end)
        if not 0 <= body < line_end:  # declared here, and written in another language
            body = line_end
        yield Function(
            name=each[1],
            parameters=tuple(types_of(text[start : end - 1])),
            result=unbroken(text[end:body]),
            line=line,
        )
        line += text.count("\n")


def closing(code: str, start: int) -> int:
    """The place behind the bracket that closes what was opened before `start`."""
    depth = 1
    for place in range(start, len(code)):
        depth += BRACKETS.get(code[place], 0)
        if depth == 0:
            return place + 1
    return len(code)


def parameters_at(text: str, place: int) -> list[str]:
    """The type of each parameter of a function whose name ends at a place of a file."""
    code = blanked(text)
    start = code.index("(", place) + 1
    return types_of(code[start : closing(code, start) - 1])


def types_of(parameters: str) -> list[str]:
    """The type of each parameter; those that share one type, as `a, b int`, get it each."""
    parts = [unbroken(part) for part in split(parameters) if part.strip()]
    pairs = [part.partition(" ") for part in parts]
    named = any(rest and first not in TYPE_WORDS for first, _, rest in pairs)
    if not named:
        return parts
    types: list[str] = []
    following = ""
    for _, _, its_type in reversed(pairs):
        following = its_type or following
        types.append(following)
    return types[::-1]


def split(text: str) -> Iterator[str]:
    """The parts between commas that are in no brackets."""
    depth = start = 0
    for place, character in enumerate(text):
        depth += BRACKETS.get(character, 0)
        if character == "," and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]
