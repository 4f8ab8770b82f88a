"""The explorer: every schedule within stated bounds, breadth first.

system      what is searched: components, and the moves that change them
encoding    values as canonical bytes, under any renaming of the servers
search      the search over plain objects: the yardstick of the others
tables      values and moves as small integers, worked out when first met
liveness    whether every state can still reach a goal once faults have stopped
simulate    random walks, where there are too many states
raft        raft_core behind the interface of `system`
raft_tla    Ongaro's TLA+ specification behind the same
"""
