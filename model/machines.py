"""An earlier name of `model.drivers.rule_machine`, for tests that were written with it.

New tests import `PROFILES` and `run_machine` from `raft_oracle`.
"""

from model.drivers.rule_machine import PROFILES, run_machine

__all__ = ["PROFILES", "run_machine"]
