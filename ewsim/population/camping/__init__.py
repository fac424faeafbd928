"""The cell that each handset prefers."""
