"""Tests of docs/findings."""
