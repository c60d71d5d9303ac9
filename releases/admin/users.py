"""Users in the admin: a warning about members of a group who cannot log in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest

User: Any = get_user_model()
admin.site.unregister(User)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """The admin of users."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user = form.instance
        groups = ", ".join(group.name for group in user.groups.all())
        if groups and not user.is_staff:
            text = (
                f"The user “{user}” is in the group {groups}, but cannot log in to the admin: tick"
                " “Staff status”, too."
            )
            messages.warning(request, text)
