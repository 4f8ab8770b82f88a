"""RaftOS as a subject, in process."""
