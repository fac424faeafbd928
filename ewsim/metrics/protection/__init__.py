"""What the warning was good for: in time, for whom, at what price."""
