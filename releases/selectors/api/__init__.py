"""Reads of the API."""
