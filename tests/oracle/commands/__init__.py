"""Tests of oracle.commands."""
