"""Tests of model.explorer.running."""
