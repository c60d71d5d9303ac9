"""Writes of reminders: subscriptions, notices and messages, and requests to webhooks."""
