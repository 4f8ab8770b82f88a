"""Tests of oracle.histories."""
