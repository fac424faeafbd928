"""Maps of runs, networks, countries, gaps and policies."""
