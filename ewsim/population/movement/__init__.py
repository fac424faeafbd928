"""People who move or arrive during a run."""
