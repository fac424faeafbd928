"""Cell networks: what was built, how it is read or synthesised, how far it carries."""
