"""Commands that are killed at random moments: `make kills` does it two hundred times."""
