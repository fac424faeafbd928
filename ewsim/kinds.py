"""The registry of kinds: what a scenario can name under `channels` and `disturbances`."""
