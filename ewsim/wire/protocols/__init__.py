"""The messages of each protocol, as tables that one coder reads."""
