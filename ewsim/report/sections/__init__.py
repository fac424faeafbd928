"""The sections of the report: each with its figure and its tables."""
