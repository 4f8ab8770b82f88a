"""A hunt: its plan, blocks of runs on all cores, and the shrinking of what they find.

`plan` says what to hunt, `parallel_hunt` takes blocks in order from a pool of processes, and
`block` is what one process does at a time; `hunt_on` goes on past a finding that `severity` calls
untidy. `investigate` shrinks a finding and replays it;
`findings` makes its files. A subject that hangs or ends its process is found by `hang_timer`, run
again in `forked_runs` and shrunk within an `ending_budget`; an adapter that does so, in
`process_end_shrink`. `score` hunts mutants; `checked_properties` says what a hunt checks.
"""
