"""Swarm testing: each block of runs has its conditions, and a finding names those it needs."""

from collections import Counter
from pathlib import Path

from attrs import evolve

from model.actions import Deliver, Elect
from model.runs.run import violation_of
from model.target import (
    Bridge,
    Command,
    Directory,
    Reference,
    Target,
    TargetRequest,
    UserFile,
)
from oracle.hunting.block import Block, Limit, run_block
from oracle.hunting.investigate import investigate
from oracle.hunting.needed import on_fewer_servers
from oracle.hunting.plan import HuntPlan, make_plan
from oracle.hunting.shrink_board import ShrinkBoard
from oracle.hunting.shrink_effort import Purse
from oracle.hunting.swarm import SIZES, Swarm, swarm_of
from raft_core import SERVERS

BLOCKS = range(1, 200)


def plan_of(wanted: TargetRequest, seed: int = 0) -> HuntPlan:
    """The plan of a hunt that draws what was not given."""
    plan = make_plan(wanted, seed)
    return evolve(plan, swarm=swarm_of(wanted, plan.target, plan.defaults))


def targets(wanted: TargetRequest, seed: int = 0) -> list[Target]:
    """What is drawn for many blocks."""
    plan = plan_of(wanted, seed)
    return [plan.of_block(number).target for number in BLOCKS]


def test_first_block_is_the_plain_cluster() -> None:
    """What is simple is found first, and reads simply."""
    wanted = TargetRequest(subject=Reference())
    first = plan_of(wanted).of_block(0)
    assert (first.target.servers, dict(first.target.settings), first.runs) == (3, {}, "mixed")


def test_every_size_and_setting_is_drawn_alone_and_together() -> None:
    """Some blocks have no feature on, some a few, and each size has its share."""
    drawn = targets(TargetRequest(subject=Reference()))
    sizes = Counter(each.servers for each in drawn)
    assert sizes.keys() == {*SIZES}
    counts = Counter(len(each.settings) for each in drawn)
    assert counts[0] > 20
    assert max(counts) > 8
    names = {name for each in drawn for name in each.settings}
    assert names == plan_of(TargetRequest(subject=Reference())).swarm.settings.keys()
    rivals = Counter(
        plan_of(TargetRequest(subject=Reference())).of_block(number).runs for number in BLOCKS
    )
    assert 0.2 < rivals["rival-leaders"] / len(BLOCKS) < 0.5


def test_what_is_given_is_not_drawn() -> None:
    """--servers and --set mean what they meant before; so do the settings of a mutant."""
    settings = {"pre_vote": "off", "reads": "on"}
    wanted = TargetRequest(subject=Reference(), servers=4, settings=settings)
    for target in targets(wanted):
        assert target.servers == 4
        assert settings.items() <= target.settings.items()
    mutant = TargetRequest(subject=Reference(), mutant="learner-stands")
    assert {each.settings["single_server_changes"] for each in targets(mutant)} == {"on"}


def test_settings_come_with_those_without_which_they_say_nothing() -> None:
    """A lease without reads, or reads without a state machine, would show nobody anything."""
    for target in targets(TargetRequest(subject=Reference())):
        if "leases" in target.settings:
            assert target.settings["reads"] == target.settings["state_machine"] == "on"


def test_same_seed_draws_the_same_and_another_seed_does_not() -> None:
    """What a block runs depends on the seed and on its number alone."""
    wanted = TargetRequest(subject=Reference())
    assert targets(wanted) == targets(wanted)
    assert targets(wanted) != targets(wanted, seed=1)


def test_adapters_of_the_users_own_keep_their_size() -> None:
    """Whoever wrote it may have had one number in mind; a bridge says what of its own may vary."""
    target = Target(subject=Command(("child",)), servers=3, network="any")
    assert swarm_of(TargetRequest(subject=Command(("child",))), target, ()) == Swarm()
    etcd = Target(subject=Bridge("etcd-raft"), servers=3, network="any")
    swarm = swarm_of(TargetRequest(subject=Bridge("etcd-raft")), etcd, {"pre_vote", "max_size"})
    assert swarm.sizes == SIZES
    assert {name: drawn.values for name, drawn in swarm.settings.items()} == {
        "max_size": ("none",),
        "pre_vote": ("on",),
    }
    lab, asked = evolve(etcd, subject=Directory("raft")), TargetRequest(subject=Directory("raft"))
    assert swarm_of(asked, lab, ()).settings == {}
    assert swarm_of(asked, lab, {"call_timeout"}).settings["call_timeout"].values == ("3000",)


def test_variation_of_the_reference_has_its_numbers_drawn(tmp_path: Path) -> None:
    """A file that replaces a function: sizes, and the numbers of what is on, but no features."""
    file = tmp_path / "change.py"
    file.write_text("from raft_oracle import ReferenceFactory\nFACTORY = ReferenceFactory()\n")
    asked = TargetRequest(
        subject=UserFile(str(file)), settings={"snapshots": "on", "state_machine": "on"}
    )
    plan = make_plan(asked)
    assert plan.is_variation
    swarm = swarm_of(asked, plan.target, plan.defaults, plan.is_variation)
    assert swarm.sizes == SIZES
    assert {name: drawn.values for name, drawn in swarm.settings.items()} == {
        "max_entries": ("1", "2"),
        "snapshot_rows": ("1",),
    }
    given = evolve(asked, servers=4)
    assert swarm_of(given, plan.target, plan.defaults, plan.is_variation).sizes == ()


def test_finding_keeps_only_what_it_needs(tmp_path: Path) -> None:
    """Fewer servers and fewer features are tried once it is shrunk, and the schedule replays."""
    plan = make_plan(TargetRequest(subject=Reference(), servers=3, mutant="half-elects"))
    reference = TargetRequest(subject=Reference())
    plan = evolve(plan, swarm=swarm_of(reference, plan.target, plan.defaults))
    block = first_failing(plan)
    drawn = plan.of_block(block.number)
    made = investigate(drawn, block, ShrinkBoard.made(f"{tmp_path}/board").path)
    target = made.saved.target
    assert target.settings.items() < drawn.target.settings.items()
    makes_even = {"initial_voters", "single_server_changes"}
    assert target.servers == 4 or makes_even & set(target.settings)
    violation = violation_of(plan.under(target).cluster(), made.saved.actions)
    assert violation is not None
    assert violation.property == made.violation.property


def test_schedule_of_seven_servers_is_told_with_three(tmp_path: Path) -> None:
    """Servers that it does not need are left out of it, and the others take the first names."""
    plan = make_plan(TargetRequest(subject=Reference(), servers=3, mutant="double-vote"))
    drawn = plan.under(evolve(plan.target, servers=7))
    late = Deliver(SERVERS[0], SERVERS[6])
    schedule = (Elect(SERVERS[4], (SERVERS[6],)), late, Elect(SERVERS[6], (SERVERS[4],)))
    purse = Purse(ShrinkBoard.made(f"{tmp_path}/board"), 10_000, 0)
    needed = on_fewer_servers(drawn, schedule, "ElectionSafety", purse)
    assert needed is not None
    assert needed.plan.target.servers == 3
    assert needed.kept == (SERVERS[0], SERVERS[4], SERVERS[6])
    first, second, third = SERVERS[:3]
    assert needed.schedule == (
        Elect(second, (third,)),
        Deliver(first, third),
        Elect(third, (second,)),
    )


def first_failing(plan: HuntPlan) -> Block:
    """The first block with a violation."""
    blocks = (run_block(plan, number, Limit()) for number in range(60))
    return next(block for block in blocks if block.violation is not None)
