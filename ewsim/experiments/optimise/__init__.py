"""What to bring, equip and repair first: choices under a budget."""
