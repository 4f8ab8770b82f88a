"""A subject behind the adapter protocol: JSON lines over the pipes of a process.

An adapter in Python that is loaded from a file is another matter: see oracle/subjects.
`wire` is the protocol, line by line, and `message_meanings` what a message may say of itself.
`factory` starts an adapter and asks who it is; `subject` is a cluster in its process, and `views`
keeps what its servers show. `claims` are what check-adapter asks of an adapter.
"""
