"""Many runs of one scenario: replications."""
