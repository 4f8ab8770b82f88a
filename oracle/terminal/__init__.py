"""What passes between a person and the program: usage, exit codes, words, output, progress."""
