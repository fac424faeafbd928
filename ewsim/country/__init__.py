"""What stands before anything runs: message, ground, people, targets."""
