"""Two runs laid beside each other, person by person."""
