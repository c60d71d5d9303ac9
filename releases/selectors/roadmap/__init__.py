"""Queries of views of the roadmap."""
