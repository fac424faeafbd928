"""A scenario from the files that a planner has."""
