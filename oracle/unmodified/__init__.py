"""Rafts that own their threads and timers, driven as they are: Go and Rust without a change.

Nothing is here yet. Building a user's sources with a toolchain's overlay belongs here, and how a
server of theirs is given a clock, randomness and scheduling of its own. What comes out is a command
that speaks the adapter protocol, for `oracle/adapter` to drive like any other.
"""
