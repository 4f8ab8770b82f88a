"""`python -m oracle` is `raft-oracle`.

May import: oracle.
"""

from oracle.cli import main

if __name__ == "__main__":
    main()
