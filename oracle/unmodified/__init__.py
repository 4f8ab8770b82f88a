"""Rafts that own their threads and timers, driven as they are: Go without a change.

`toolchain` finds Go in the one version that is patched, and `overlay` makes of its standard library
one in which each server has a clock, randomness and scheduling of its own. What is built with it is
a command that speaks the adapter protocol, for `oracle/adapter` to drive like any other.
"""
