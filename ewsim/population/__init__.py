"""People and the handsets they carry, as arrays."""
