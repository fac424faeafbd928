"""CAP documents as XML: decoding, parsing, and the place of every element in its file."""
