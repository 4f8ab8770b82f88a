"""Tests of model.mutants."""
