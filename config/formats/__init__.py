"""Formats of dates in forms, by language."""
