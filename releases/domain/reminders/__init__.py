"""Reminders of dates and changes: their facts, the subscriber's choice, and due times."""
