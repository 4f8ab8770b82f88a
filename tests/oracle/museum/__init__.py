"""Tests of oracle/museum."""
