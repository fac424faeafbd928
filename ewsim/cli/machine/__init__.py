"""Commands about this machine: its speed, its shell."""
