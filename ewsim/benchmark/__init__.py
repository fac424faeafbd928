"""How fast this machine is: each figure against another one measured beside it."""
