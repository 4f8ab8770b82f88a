"""Tests of model.runs."""
