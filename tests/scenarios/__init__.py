"""The classic scenarios of a lab Raft, as schedules on the reference cluster."""
