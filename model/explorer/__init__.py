"""The explorer: visits every state that a cluster can reach within stated bounds, breadth first.

Its rooms, lowest first; each imports itself and those above it in this list:

systems     what can be explored: values, moves and reactions of the reference and of raft.tla
engines     what makes the successors of states: NumPy, or a compiled kernel, on one set of tables
search      breadth first, at random, or for dead ends; results, limits and checkpoints
spread      a breadth-first search over many processes
running     one exploration from what was asked for to what came out
"""
