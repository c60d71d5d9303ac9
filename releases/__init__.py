"""Release roadmaps: products, their release cycles, and the public site."""
