"""Tests of trace checking."""
