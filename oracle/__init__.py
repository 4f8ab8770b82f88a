"""Other implementations, and the command line."""
