"""Reminders of dates and changes: what a subscriber asks for, and when a message is due."""
