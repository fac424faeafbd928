"""Countries and scenarios to begin with: invented ones, and those of a planner's files."""
