"""Tests of model.explorer.search."""
