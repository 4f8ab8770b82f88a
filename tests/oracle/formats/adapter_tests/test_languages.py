"""A finding in the language of its adapter fails with the bug, passes without, and needs no Python.

Each language's own tools build and run it, in the project that `init` writes.
"""

import subprocess
from pathlib import Path

import pytest

from model.target import Command
from oracle.commands import init
from oracle.commands.init import write_scaffold
from oracle.formats.adapter_tests.languages import LANGUAGES, adapter_test
from oracle.formats.adapter_tests.rows import Row
from oracle.store.result_folder import ADAPTER_TESTS
from oracle.subjects.scaffold import PROTOCOL_FILES, scaffold_language
from tests.oracle.pictures.drawn import HOSTILE
from tests.oracle.scaffold_project import replace_once, run_in_project
from tests.require import require

SECONDS = 240
FORGETS_VOTE = {
    "c": ("raft.c", "raft->voted_for = source;\n\t\tpersist(raft);\n", "persist(raft);"),
    "go": ("raft.go", "s.votedFor = source\n\t\ts.persist()\n", "s.persist()"),
    "java": ("Raft.java", "votedFor = source;\n            persist();\n", "persist();"),
    "python": (
        "raft.py",
        "self.voted_for = source\n            self.persist()\n",
        "self.persist()",
    ),
    "rust": (
        "src/raft.rs",
        "self.voted_for = Some(source.to_string());\n            self.persist();\n",
        "self.persist();",
    ),
}
"""By language: a file of the toy, what stands in it, and what to leave out of that."""
RUN = {
    "c": "cc -std=c11 -Wall -Wextra -Werror -o regression regression.c adapter.c raft.c json.c"
    " && ./regression",
    "go": "go vet . && go test .",
    "java": "javac -Xlint -d classes *.java && java -cp classes Regression",
    "python": "python3 -m unittest regression",
    "rust": "cargo test --release",
}
PLACES = {"rust": "src/regression.rs"}
"""Where the test goes, if that is not the project's folder."""
ASKED = "RequestVote t1 last 0@0"
ROWS: tuple[Row, ...] = (
    ("election_timeout", "S1", "", ""),
    ("client_request", "S3", "".join(HOSTILE).replace("\0", ""), ""),
    ("receive", "S2", "S1", ASKED),
    ("was", "S2", "follower 1 S1 0 0 |", ""),
    ("crash", "S2", "", ""),
    ("restart", "S2", "", ""),
    ("broken", "S2", "follower 1 - 0 0 |", ""),
)
"""A vote that a restart forgets."""
AS_USERS_HAVE_IT = {"PYTHONSAFEPATH": ""}


def written(language: str, folder: Path, rows: tuple[Row, ...] = ROWS) -> None:
    """Put the test into a project."""
    text = adapter_test(
        language, rows, ("S1", "S2", "S3"), {}, "VoteOnce", 'a */ "detail" \\u', "in toy 1"
    )
    (folder / PLACES.get(language, ADAPTER_TESTS[language])).write_text(text, encoding="utf-8")


def ran(language: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build and run the test as its first lines say."""
    return run_in_project(language, RUN[language], folder, SECONDS, variables=AS_USERS_HAVE_IT)


def with_mistake(language: str, folder: Path, is_wrong: bool) -> None:
    """The toy as it is, or one that does not persist its vote."""
    name, right, left_out = FORGETS_VOTE[language]
    source = folder / name
    write_scaffold(language, folder)
    assert source.read_text(encoding="utf-8").count(right) == 1
    if is_wrong:
        replace_once(source, right, right.replace(left_out, ""))
    if language == "rust":
        declared = "mod raft;\n#[cfg(test)]\nmod regression;\n"
        replace_once(folder / "src/main.rs", "mod raft;\n", declared)


@pytest.mark.once
@pytest.mark.parametrize("language", LANGUAGES)
def test_finding_fails_with_its_bug_and_passes_once_it_is_mended(
    language: str, tmp_path: Path
) -> None:
    """Neither a hostile detail nor a hostile command ends a comment or a string.

    A run that sends something else passes, and says so.
    """
    if language != "python":
        require(language)
    for is_wrong in (True, False):
        folder = tmp_path / str(is_wrong)
        with_mistake(language, folder, is_wrong)
        written(language, folder)
        done = ran(language, folder)
        said = done.stdout + done.stderr
        assert (done.returncode != 0) == is_wrong, said
        assert ("VoteOnce: S2 is" in said) == is_wrong, said
    written(language, tmp_path / "True", (("receive", "S2", "S1", "never sent"), *ROWS))
    assert ran(language, tmp_path / "True").returncode == 0


def test_every_language_has_a_file_and_a_template() -> None:
    """One for each scaffold."""
    assert set(LANGUAGES) == set(ADAPTER_TESTS) == set(RUN) == set(init.LANGUAGES)
    assert set(PROTOCOL_FILES) == set(LANGUAGES)
    for language, name in PROTOCOL_FILES.items():
        folder = init.SCAFFOLDS / language
        program = "target/release/adapter" if language == "rust" else "adapter"
        assert (folder / name).is_file()
        assert scaffold_language(Command((f"{folder}/{program}",))) == language
    assert scaffold_language(Command(("/usr/bin/env",))) is None
