"""The simulation: builds the world, starts the processes, runs to the horizon."""
