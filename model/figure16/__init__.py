"""Figure 16 of the paper: leader elections on a virtual clock.

`trial` (trial.py) lets one leader crash and measures the time until it is replaced, in the
cluster of timed_cluster.py. The lines of the figure stand in published.py, and what the paper
leaves open in assumptions.py.
"""
