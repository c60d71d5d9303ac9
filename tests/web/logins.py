"""Clients of users that are logged in to the admin."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client


def log_in(role: str = "", name: str = "") -> Client:
    """Create a staff user, with `role` if given, and return a client logged in as that user."""
    user = get_user_model()._default_manager.create_user(name or role or "nobody", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client
