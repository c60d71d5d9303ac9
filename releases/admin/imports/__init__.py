"""Imports in the admin: uploaded product files, and values that differ from their source."""
