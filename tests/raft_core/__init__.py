"""Tests of raft_core, one file for each of its modules."""
