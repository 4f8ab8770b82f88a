"""A hunt: its plan, blocks of runs on all cores, and the shrinking of what they find."""
