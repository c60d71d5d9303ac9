"""Rules of upgrades: recommendations, routes, plans, tasks."""
