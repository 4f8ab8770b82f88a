"""Traces of one JSON object an event, which anyone can write.

`format` is what a line may say (docs/traces.md explains it), `messages` turns messages into their
meaning and back, `reader` feeds the judge, and `export` writes a recorded run in this format.
"""
