"""Pages of predicted coverage: runs, layers on a map, profiles, villages, and what becomes a fact."""
