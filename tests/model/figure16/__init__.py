"""Tests of model.figure16."""
