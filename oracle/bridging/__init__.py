"""Bridges to real libraries: their description in bridge.toml, how they are built and run."""
