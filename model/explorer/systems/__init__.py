"""What can be explored: the reference and raft.tla, as values, moves and reactions."""
