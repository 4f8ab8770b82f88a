"""Tests of what must hold."""
