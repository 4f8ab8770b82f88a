"""Tests of oracle.formats."""
