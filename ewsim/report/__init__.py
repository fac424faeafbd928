"""Pages and figures of a finished run."""
