"""Cell broadcast: plan, writing, infrastructure, reception."""
