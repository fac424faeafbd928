"""A country run a shard of people at a time."""
