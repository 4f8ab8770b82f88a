"""The subjects that can be named, and how a name becomes a factory."""
