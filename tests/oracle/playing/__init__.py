"""Tests of runs that are stepped through in a browser."""
