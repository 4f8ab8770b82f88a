"""`python -m oracle` is `raft-oracle`, and names a file that hides a package in the same way."""

from raft_oracle import main

if __name__ == "__main__":
    main()
