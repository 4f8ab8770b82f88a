"""Bridges to real libraries: how they are described, built and run.

`description` reads the bridge.toml of each folder in oracle/bridges, and `build` makes its program
in the user's cache, with a mutant planted if one is named. `running_cluster` runs a bridge that is
judged by its trace.
"""
