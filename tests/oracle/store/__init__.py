"""Tests of oracle.store."""
