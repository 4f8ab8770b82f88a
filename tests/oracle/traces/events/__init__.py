"""Tests of oracle.traces.events."""
