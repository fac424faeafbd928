"""The grid and what sites have of their own when it is out."""
