"""Settings for every test: Hypothesis tries the same examples on every machine, without a clock.

A failure that only some runs show helps nobody; to look further, set RAFT_ORACLE_PROFILE to
nightly, which draws anew each time.
"""

import os

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("searching", deadline=None, derandomize=False, database=None)
nightly = os.environ.get("RAFT_ORACLE_PROFILE") == "nightly"
settings.load_profile("searching" if nightly else "steady")
