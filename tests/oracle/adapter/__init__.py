"""Tests of oracle.adapter."""
