"""What is done with a schedule: run it, shrink it, render it as text.

`run` and `violation_of` (run.py) apply a schedule from a fresh start, `shrink` (shrink.py) makes
one that fails as small as it gets, and `render` (render.py) gives the trace that a person reads.
"""
