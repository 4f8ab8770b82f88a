"""The project's own tests, in the same order as its packages."""
