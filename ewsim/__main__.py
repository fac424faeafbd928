"""`python -m ewsim`."""

from ewsim.cli import main

main()
