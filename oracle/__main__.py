"""`python -m oracle` is `raft-oracle`.

May import: oracle.
"""

from oracle.cli import main

main()
