"""Hazards: where and when each is how strong, what fails because of it, and when it is back."""
