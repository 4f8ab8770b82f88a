"""Processes, their groups, pipes and signals; nothing here knows Raft."""
