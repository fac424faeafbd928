"""`ewsim country`: scenarios of real countries."""
