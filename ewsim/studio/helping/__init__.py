"""What would help: measures and arms tried beside the scenario as it stands."""
