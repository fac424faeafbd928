"""A finished run and its folder on disk."""
