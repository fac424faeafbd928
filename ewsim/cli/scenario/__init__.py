"""`ewsim scenario`: check, list, schema, new."""
