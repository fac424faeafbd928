"""`ewsim exercise`: material for trainers."""
