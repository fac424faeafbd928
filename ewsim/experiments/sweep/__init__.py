"""Many runs of one scenario with other values of its keys."""
