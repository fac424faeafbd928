"""What of a message is broadcast: the policy of a country, the plan, what a scenario accepts."""
