"""Hostile and human failure: false messages, stations that deceive phones, links and operators that fail."""
