"""Syncs with other installations and endoflife.date."""
