"""Pictures of what was found or measured."""
