"""Where phones have a signal, as squares of the land."""
