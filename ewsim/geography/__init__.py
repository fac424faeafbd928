"""The plane, land and terrain, and the files that describe them."""
