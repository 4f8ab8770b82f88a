"""Tests of model.reference."""
