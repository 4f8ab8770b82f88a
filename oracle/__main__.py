"""`python -m oracle` is `raft-oracle`."""

from oracle.commands.main import main

if __name__ == "__main__":
    main()
