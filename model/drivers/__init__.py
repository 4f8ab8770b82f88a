"""What makes schedules: the walker with its profiles of runs, and the Hypothesis rule machines."""
