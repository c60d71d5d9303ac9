"""Reads of views of the roadmap."""
