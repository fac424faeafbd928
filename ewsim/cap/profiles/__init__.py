"""Profiles: what a country or a service asks of a message beyond CAP itself."""
