"""Delivery of reminders: tasks that find news, and send messages by e-mail and webhook."""
