"""`ewsim wire`: real protocol messages of warnings."""
