"""Users and groups in the admin, with a warning about members of a group who cannot log in."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest

from releases.admin.fields import FIELD_OVERRIDES

User: Any = get_user_model()
admin.site.unregister([User, Group])


class _ChoicesAdmin(admin.ModelAdmin):
    """An admin whose many-to-many fields are checkboxes instead of two lists."""

    filter_horizontal = ()
    formfield_overrides = FIELD_OVERRIDES

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Name permissions by their content, as the lists of Django do, in one query."""
        if db_field.remote_field.model is Permission:
            kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class UserAdmin(_ChoicesAdmin, DjangoUserAdmin):
    """The admin of users."""

    readonly_fields = ("last_login", "date_joined")

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


@admin.register(Group)
class GroupAdmin(_ChoicesAdmin, DjangoGroupAdmin):
    """The admin of groups."""
