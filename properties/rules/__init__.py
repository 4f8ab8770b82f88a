"""Rule-level conformance: whether every observed transition is one that Raft permits."""
