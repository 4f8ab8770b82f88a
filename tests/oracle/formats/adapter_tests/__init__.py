"""Tests of findings as tests in the languages of adapters."""
