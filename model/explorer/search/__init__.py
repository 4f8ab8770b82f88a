"""Searches over a system, and what they say.

`breadth_first` searches with an engine and `reference_search` over plain objects, which every
engine must equal; `random_walks` where there is too much to see it all; `liveness` looks for dead
ends. `result` has the limits and the verdicts, `checkpoint` stores a search, `as_actions` turns a
counterexample into actions, and `reduction_check` asks whether stale replies mattered.
"""
