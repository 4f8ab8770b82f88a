"""Tests of the explorer: what it searches, and how."""
