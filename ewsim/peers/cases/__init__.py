"""The cases of a test plan for broadcast centres: triggers, scenarios, captures, and peers that misbehave."""
