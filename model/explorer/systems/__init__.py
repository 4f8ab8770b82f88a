"""What can be explored, as values, moves and reactions; nothing here searches.

`system` is the interface that every engine and search is written against. `raft` puts the
reference and its mutants behind it (`raft_order` makes one from plain values), `raft_tla` Ongaro's
TLA+ specification. `encoding` writes values as canonical bytes, which decide what counts as one
state.
"""
