"""Traces of one JSON object an event, which anyone can write."""
