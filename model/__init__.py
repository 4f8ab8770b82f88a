"""One cluster under test, and everything that is done to it.

The files here are the vocabulary: `subject` is the port to an implementation, `target` says what is
run, `setup` makes its clusters, `schedule` stores what happened, and `failures` ends a run. The
rooms: actions, reference, mutants, world, runs, drivers, figure16, explorer. `protocol` and
`machines` are earlier names. What a user's own code needs is offered by `raft_oracle`.
"""
