"""One exploration or simulation, from what was asked for to what came out."""
