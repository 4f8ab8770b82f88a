"""Tests of oracle.unmodified."""
