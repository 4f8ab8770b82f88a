"""The operating system: processes, their groups, pipes, signals and scratch folders.

`process_pool` does calls in processes of its own, and says so if one dies; `line_process` is a
program that answers each line with a line. `process_groups` ends what others started, `signals`
notes Ctrl-C and SIGTERM, and `scratch` and `user_cache` say where files go.
"""
