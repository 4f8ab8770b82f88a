"""Tests of oracle.bridges."""
