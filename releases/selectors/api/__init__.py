"""Queries of the API."""
