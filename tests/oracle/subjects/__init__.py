"""Tests of oracle.subjects."""
