"""Tests of model.explorer.engines."""
