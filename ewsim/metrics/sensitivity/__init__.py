"""What changes an answer: one key at a time, all together, and how much of it is luck."""
