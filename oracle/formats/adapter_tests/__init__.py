"""A finding as a test in the language of its adapter, for projects that `raft-oracle init` began.

`rows` are the calls of a run and what was seen in it, as four words each; `languages` writes them
into one of the programs beside it, each of which makes the calls and compares.
"""
