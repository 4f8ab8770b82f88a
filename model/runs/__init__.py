"""What is done with a schedule: run it, shrink it, render it as text."""
