"""What clients saw, as files: operations with their answers, in the order of events.

`operations` reads them; properties/linearizability.py judges them.
"""
