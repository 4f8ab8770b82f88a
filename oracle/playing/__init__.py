"""A run that somebody steps through in a browser: actions go in, what they come to goes out.

`moves.py` runs the actions of the browser anew each time, so that going back and branching need
nothing; `server.py` is the only part that knows of addresses and requests.
"""
