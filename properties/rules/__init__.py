"""The rules for single transitions: whether each is one that Raft permits.

`vocabulary` has the words, `knowledge` what is known of a server, and `judge` asks the rules about
each transition. `steps` takes a step of a hunt apart into transitions, and `conforms` judges it.
The rules themselves: elections, requests, responses, replication, life, cluster_rules.
"""
