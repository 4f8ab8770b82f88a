"""From what was asked for to what came out: explorations, random walks, and liveness.

`specification` says what is explored and how; `outcome` is what comes out. `exploration` runs a
breadth-first search in this process and `distributed` one over many; `simulation` walks at random;
`liveness` asks every state whether a leader can still commit. Nothing here prints.
"""
