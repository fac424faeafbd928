"""The page of a comparison: runs beside each other."""
