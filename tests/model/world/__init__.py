"""Tests of model.world."""
