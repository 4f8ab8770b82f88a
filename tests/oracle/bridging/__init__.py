"""Tests of oracle.bridging."""
