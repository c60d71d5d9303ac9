"""Delivery of reminders: the search for new notices, and tasks that send e-mails and webhooks."""
