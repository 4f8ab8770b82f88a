"""Tests of oracle.hunting."""
