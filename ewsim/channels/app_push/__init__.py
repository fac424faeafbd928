"""A warning app."""
