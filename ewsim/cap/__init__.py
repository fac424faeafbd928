"""CAP messages: what they say, how they are read, what is wrong with them."""
