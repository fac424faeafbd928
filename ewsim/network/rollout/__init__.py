"""Networks that are made: sites, links, equipment."""
