"""Tests of model.explorer.systems."""
