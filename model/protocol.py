"""An earlier name of `model.reference.variant`, for tests that were written with it.

New tests import `with_replaced` from `raft_oracle`.
"""

from model.reference.variant import with_replaced

__all__ = ["with_replaced"]
