"""Tests of oracle.processes."""
