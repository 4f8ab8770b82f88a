"""Tests of oracle.terminal."""
