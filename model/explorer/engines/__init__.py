"""What makes successors of states from tables of numbers: NumPy, or a compiled kernel."""
