"""Outages that somebody saw: a table or a map of them replays a real event."""
