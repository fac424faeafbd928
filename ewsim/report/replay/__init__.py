"""The replay: the run on a map with a slider over time, in one file."""
