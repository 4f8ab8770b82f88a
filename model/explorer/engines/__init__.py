"""What makes the successors of states: NumPy or a compiled kernel, on tables of numbers.

`tables` gives every value and every move a number and works out each reaction once. `engine` is
what an engine offers to a search; `numpy_engine` and `kernel` (with kernel.c) are the two that
there are, and `choice` picks one. `fingerprints` is the set of states that were seen.
"""
