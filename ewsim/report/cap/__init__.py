"""Pictures and exercises of single CAP messages."""
