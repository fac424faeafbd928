"""What is taken away from the studio: the scenario, and what the command line writes of its run."""
