"""Traces of running clusters, read line by line and judged by rules."""
