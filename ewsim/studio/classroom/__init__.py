"""The classroom: who is there, who may do what, what is looked at together, and questions with answers."""
