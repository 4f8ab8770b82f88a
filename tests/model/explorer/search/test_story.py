"""Counterexamples in words: of a system with words of its own, and of one without."""

from attrs import evolve, frozen

from model.explorer.search.result import moves_along
from model.explorer.search.story import Told, difference, in_words, story_of
from model.explorer.systems.raft_tla_actions import Entry, initial_variables
from model.explorer.systems.system import Offer, Outcome
from raft_core import Role, s2
from tests.model.explorer.toys import Maze

WAY = (("walk", "start", "hall"), ("walk", "hall", "trap"))


@frozen
class ToldMaze(Maze):
    """A maze that tells its moves."""

    def tell(self, offer: Offer, outcome: Outcome | None) -> str:
        """As a walker would."""
        return f"I {offer.kind} to the {offer.event}"


def test_moves_are_told_with_what_they_change() -> None:
    """The last one broke a property, and is told like the others."""
    maze = Maze(WAY)
    assert story_of(maze, moves_along(maze, (0, 0))) == (
        Told("walk position hall", ("position start -> hall", "fuel 0 -> 1")),
        Told("walk position trap", ("position hall -> trap",)),
    )


def test_system_may_have_words_of_its_own() -> None:
    """What is changed is told all the same."""
    maze = ToldMaze(WAY)
    first, _ = story_of(maze, moves_along(maze, (0, 0)))
    assert (first.happened, len(first.changed)) == ("I walk to the hall", 2)


def test_values_are_written_as_people_write_them() -> None:
    """By their fields, and sets in an order that is always the same."""
    assert in_words(None) == "-"
    assert in_words((True, "", 3)) == "[yes '' 3]"
    assert in_words(frozenset({s2, "b", Role.LEADER})) == "{S2 b leader}"
    assert in_words(Entry(2, 7)) == "Entry(term 2, value 7)"


def test_only_what_is_different_is_told() -> None:
    """Of a value with fields those, of a set what came and went."""
    before = initial_variables(3)
    after = evolve(before, voted_for=s2, votes_granted=frozenset({s2}))
    assert difference(before, after) == "voted_for - -> S2, votes_granted +S2"
    assert difference(frozenset({"a", "b"}), frozenset({"b", "c"})) == "-a +c"
