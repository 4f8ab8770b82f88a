"""The catalogue of mutants: known mistakes, each as one function of the reference replaced."""

from typing import Final

from model.mutants import (
    async_writes,
    commit,
    disks,
    election,
    membership,
    progress,
    reads,
    replication,
    snapshots,
)
from model.mutants.mutant import Mutant

MUTANTS: Final[tuple[Mutant, ...]] = tuple(
    sorted(
        (
            *election.MUTANTS,
            *replication.MUTANTS,
            *commit.MUTANTS,
            *snapshots.MUTANTS,
            *reads.MUTANTS,
            *membership.MUTANTS,
            *disks.MUTANTS,
            *async_writes.MUTANTS,
            *progress.MUTANTS,
        ),
        key=lambda mutant: mutant.number,
    )
)
MUTANT_BY_NAME: Final[dict[str, Mutant]] = {mutant.name: mutant for mutant in MUTANTS}

__all__ = ["MUTANTS", "MUTANT_BY_NAME", "Mutant"]
