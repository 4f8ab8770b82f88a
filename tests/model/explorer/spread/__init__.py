"""Tests of model.explorer.spread."""
