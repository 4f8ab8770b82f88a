"""Tests of the vocabulary of actions."""
