"""Commands that work on a finished run."""
