"""Tests of the adapters, the command line, and of what they say."""
