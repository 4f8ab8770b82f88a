"""A Raft is recognised by the function that makes its servers, or one line says why it is not."""

import time
from pathlib import Path

import pytest

from oracle.terminal.usage import UsageError
from oracle.unmodified.recognise import Lab, OwnProgram, place_of_call, recognise
from tests.oracle.unmodified.toy_labs import LABRPC, module, raft, tree, write_tree

MAKE = (
    "Make(peers []*labrpc.ClientEnd, me int,\n\tpersister *Persister, applyCh chan ApplyMsg) *Raft"
)


def lab(folder: Path) -> Lab:
    """The lab that a folder was recognised as."""
    found = recognise(folder)
    assert isinstance(found, Lab)
    return found


def changed(folder: Path, old: str, new: str) -> Path:
    """The folder of a Raft, in whose source a text is another one."""
    path = folder / "raft.go"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return folder


def test_a_handout_is_recognised(tmp_path: Path) -> None:
    """Nothing about it is odd."""
    found = lab(module(tmp_path))
    assert (found.package, found.make.name, found.labrpc) == ("raft", "Make", "6.5840/labrpc")
    assert found.file == tmp_path / "raft/raft.go"
    assert found.make.result == "*Raft"
    assert found.remarks == ()


def test_a_directory_of_2025_is_recognised(tmp_path: Path) -> None:
    """Its Make returns an interface, and its package lies in raft1."""
    folder = module(tmp_path).rename(tmp_path / "raft1")
    found = lab(changed(folder, "ApplyMsg) *Raft", "ApplyMsg) raftapi.Raft"))
    assert found.make.result == "raftapi.Raft"
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("signature", "made_by", "remark"),
    [
        (
            "MakeRaft(ends []*labrpc.ClientEnd, i int, p *Persister, out chan<- ApplyMsg) *Raft",
            "MakeRaft",
            "servers are made by MakeRaft, not Make",
        ),
        (
            "Make(peers []*labrpc.ClientEnd, me int, p *Persister, c chan ApplyMsg, gid int) *Raft",
            "Make",
            "Make has 5 parameters, not 4, the further ones are zero",
        ),
        (
            "Make(peers []*labrpc.ClientEnd, me int, p *Persister, c Applier) *Raft",
            "Make",
            "",
        ),
    ],
)
def test_other_functions_make_servers_too(
    tmp_path: Path, signature: str, made_by: str, remark: str
) -> None:
    """Of another name, or with more parameters; the one called Make needs no channel."""
    found = lab(changed(module(tmp_path), MAKE, signature))
    assert found.make.name == made_by
    assert found.remarks == tuple(filter(None, [remark]))


def test_make_is_taken_where_several_would_do(tmp_path: Path) -> None:
    """The others are told of."""
    folder = module(tmp_path)
    another = raft("6.5840/labrpc").replace("func Make(", "func AMake(").replace("Raft", "Raft2")
    write_tree(folder, {"another.go": another})
    found = lab(folder)
    assert found.make.name == "Make"
    assert found.remarks == ("AMake would make servers too",)


def test_clerks_and_services_make_no_servers(tmp_path: Path) -> None:
    """They get ends, and no channel to apply to."""
    source = """package kvraft
    import "labrpc"
    func MakeClerk(servers []*labrpc.ClientEnd) *Clerk { return nil }
    func StartKVServer(servers []*labrpc.ClientEnd, me int, max int) *KVServer { return nil }
    """
    write_tree(tmp_path, {"server.go": source})
    with pytest.raises(UsageError, match=r"found no Raft in .*, expected a function with the"):
        recognise(tmp_path)


def test_labrpc_may_have_any_name(tmp_path: Path) -> None:
    """It is the import whose ClientEnd the function takes."""
    folder = changed(module(tmp_path), 'import "6.5840/labrpc"', 'import rpc "6.5840/net"')
    assert lab(changed(folder, "labrpc.", "rpc.")).labrpc == "6.5840/net"


def test_client_end_may_be_of_the_package_itself(tmp_path: Path) -> None:
    """Or of an import by a dot."""
    folder = changed(module(tmp_path), "labrpc.ClientEnd", "ClientEnd")
    assert lab(folder).labrpc == ""
    assert lab(changed(folder, "import ", "import . ")).labrpc == "6.5840/labrpc"


def test_tests_and_other_packages_do_not_count(tmp_path: Path) -> None:
    """A package whose name is not its folder's is told of."""
    folder = changed(module(tmp_path), "package raft", "package consensus")
    write_tree(folder, {"config_test.go": raft("x/labrpc"), "_old.go": raft("y/labrpc")})
    found = lab(folder)
    assert found.package == "consensus"
    assert found.remarks == ("the package in raft is called consensus",)


def test_the_only_raft_below_is_taken(tmp_path: Path) -> None:
    """From the root of a repository, past what is no source of the user's own."""
    folder = tree(tmp_path)
    for other in ("vendor/x", "src/testdata", ".git/x", "_old", "node_modules/x"):
        tree(tmp_path / other)
    assert lab(tmp_path).folder == lab(tmp_path / "src").folder == folder


def test_several_rafts_below_are_listed(tmp_path: Path) -> None:
    """In one line, of which the user may choose one."""
    for name in ("lab3", "lab2"):
        module(tmp_path / name)
    with pytest.raises(UsageError) as refused:
        recognise(tmp_path)
    assert str(refused.value) == (
        f"subject: found 2 Rafts below {tmp_path}: lab2/raft, lab3/raft; "
        "expected the directory of one"
    )


def test_an_authors_own_program_is_recognised(tmp_path: Path) -> None:
    """It imports our adapter and is a program already."""
    write_tree(tmp_path, {"main.go": 'package main\n\nimport "raftoracle/adapter"\n'})
    assert recognise(tmp_path) == OwnProgram(folder=tmp_path)
    write_tree(tmp_path, {"main.go": 'package other\n\nimport "raftoracle/adapter"\n'})
    with pytest.raises(UsageError, match="or a package main that imports raftoracle/adapter"):
        recognise(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "func Make(",
            "func make(",
            r"found func make in .*; expected one with a capital",
        ),
        ("package raft", "package main", r"found package main in .*, which nobody can import"),
        (
            '"6.5840/labrpc"',
            '"6.5840/net"',
            r"ClientEnd in func Make, and no import called labrpc",
        ),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    """It says why, and in which file."""
    with pytest.raises(UsageError, match=said):
        recognise(changed(module(tmp_path), old, new))


def test_an_empty_directory_is_one_line(tmp_path: Path) -> None:
    """It says what was looked for."""
    with pytest.raises(UsageError) as refused:
        recognise(tmp_path)
    assert "(the Raft of a lab of 6.824 or 6.5840), or a package main" in str(refused.value)


def test_the_call_of_an_end_is_found_in_the_code(tmp_path: Path) -> None:
    """Not in the comment above it, and not where another type has one."""
    path = tmp_path / "labrpc.go"
    path.write_text(LABRPC)
    place = place_of_call(path)
    assert place is not None
    assert LABRPC[: place[0]].endswith("\nfunc (e *ClientEnd) ")
    assert LABRPC[place[0] : place[1]] == "Call"
    path.write_text(LABRPC.replace("(e *ClientEnd)", "(e *Network)"))
    assert place_of_call(path) is None


@pytest.mark.parametrize(
    "receiver", ["(e *ClientEnd)", "(ClientEnd)", "(*ClientEnd )", "(ClientEnd *ClientEnd)"]
)
def test_the_method_is_found_whatever_its_receiver_is_called(receiver: str, tmp_path: Path) -> None:
    """It may have no name, or that of its type."""
    path = tmp_path / "labrpc.go"
    path.write_text(f"package labrpc\nfunc {receiver} Call(name string) {{}}\n")
    place = place_of_call(path)
    assert place is not None
    assert path.read_text()[place[0] : place[1]] == "Call"


@pytest.mark.parametrize("endless", [" ", "x", "func (", "\nfunc ( x"])
def test_a_receiver_without_end_is_looked_at_once(endless: str, tmp_path: Path) -> None:
    """A file may be all spaces."""
    path = tmp_path / "labrpc.go"
    path.write_text(f"package labrpc\nfunc ({endless * 500_000}")
    before = time.process_time()
    assert place_of_call(path) is None
    assert time.process_time() - before < 5


def test_no_disk_is_searched_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory with more below it than any course is refused in one line, as `/` is."""
    monkeypatch.setattr("oracle.unmodified.recognise.MOST_SEARCHED", 1)
    (tmp_path / "a/b").mkdir(parents=True)
    with pytest.raises(UsageError, match="found more than 1 directories below"):
        recognise(tmp_path)
