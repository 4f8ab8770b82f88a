"""Tests of model.drivers."""
