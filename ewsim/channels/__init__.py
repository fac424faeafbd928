"""The channels that carry an alert, and their numerical kernels."""
