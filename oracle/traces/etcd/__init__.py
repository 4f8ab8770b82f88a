"""Traces of etcd's raft, as its build tag with_tla writes them.

`format` is a line as it stands, `messages` what the messages in it mean, `reader` turns lines into
transitions for the judge, and `rules` are those that only this format can break.
"""
