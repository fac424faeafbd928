"""What the disaster does to the network."""
