"""Reminders: matching of subscriptions, and delivery of their messages."""
