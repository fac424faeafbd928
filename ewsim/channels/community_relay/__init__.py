"""Community relay."""
