"""A subject behind the adapter protocol: JSON lines over the pipes of a process."""
