"""Searches over an engine.

Breadth first, at random, for dead ends; their results and checkpoints.
"""
