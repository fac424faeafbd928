"""The links and nodes between the sites and the core."""
