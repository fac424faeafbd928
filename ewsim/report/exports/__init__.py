"""A run for other programs: layers for a map, tables, departures for models of evacuation."""
