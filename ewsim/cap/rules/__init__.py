"""The rules of CAP, by the part of the message they look at."""
