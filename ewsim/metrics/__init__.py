"""Pure functions of a ledger."""
