"""Cyclones: tracks from files, and winds and rain around their centres."""
