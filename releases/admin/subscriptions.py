"""Admin of subscriptions: their states and failures, with shortened addresses."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from releases.admin.base import ViewedAdmin
from releases.models import Message, Subscription, SubscriptionState
from releases.presentation.reminders import view_title
from releases.presentation.subscriptions import (
    masked,
    schedule_in_words,
    sent_messages,
    wishes_in_words,
)
from releases.services.reminders.outbox import delete_subscriptions

_PILLS: Final = {
    SubscriptionState.PENDING: "planned",
    SubscriptionState.ACTIVE: "active",
    SubscriptionState.PAUSED: "alert",
}
"""The classes of the pills of states."""


@admin.register(Subscription)
class SubscriptionAdmin(ViewedAdmin):
    """A list and pages of subscriptions, which cannot be added or changed.

    Only superusers see full addresses, on the page of a subscription.
    """

    list_display = ("view", "channel", "recipient", "status", "last_failure", "confirmed_at")
    list_filter = ("state", "channel", "frequency", "view_gone")
    show_facets = admin.ShowFacets.ALWAYS
    ordering = ("-pk",)
    fields: ClassVar = (
        *("page", "channel", "recipient", "state", "why_paused", "failing_since"),
        *("what", "when", "created_at", "confirmed_at", "last_messages"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscription]:
        failures = Message.objects.filter(subscription=OuterRef("pk")).exclude(error="")
        last = Subquery(failures.order_by("-created_at", "-pk").values("error")[:1])
        return super().get_queryset(request).annotate(failure=last)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Include the address for superusers only, as a search would reveal addresses."""
        return ("view", "address") if _sees_addresses(request) else ("view",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: only visitors subscribe."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: only subscribers change their subscriptions."""
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a subscription, which is locked first."""
        delete_subscriptions(Subscription.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """Delete subscriptions, which are locked first."""
        delete_subscriptions(queryset)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return a subscription with the flag `whole`: True if its full address is shown."""
        found = super().get_object(request, object_id, from_field)
        if found:
            found.whole = _sees_addresses(request)
        return found

    @admin.display(description="page")
    def page(self, row: Any) -> str:
        gone = " (it no longer exists)" if row.view_gone else ""
        return format_html('<a href="{}">{}</a>{}', row.view, view_title(row.view), gone)

    @admin.display(description="what")
    def what(self, row: Any) -> str:
        return wishes_in_words(row)

    @admin.display(description="when")
    def when(self, row: Any) -> str:
        return schedule_in_words(row)

    @admin.display(description="state", ordering="state")
    def status(self, row: Any) -> str:
        return format_html(
            '<span class="pill {}">{}</span>', _PILLS[row.state], row.get_state_display()
        )

    @admin.display(description="address")
    def recipient(self, row: Any) -> str:
        return row.address if getattr(row, "whole", False) else masked(row.address)

    @admin.display(description="last failure")
    def last_failure(self, row: Any) -> str:
        return _without_address(row, row.failure or "")

    @admin.display(description="paused because")
    def why_paused(self, row: Any) -> str:
        return _without_address(row, row.paused_because) or "-"

    @admin.display(description="last messages")
    def last_messages(self, row: Any) -> str:
        lines = (
            (f"{each.at:%d %b %Y, %H:%M}", each.what, _without_address(row, each.result))
            for each in sent_messages(row)
        )
        items = format_html_join("", "<li>{} UTC: {}. {}</li>", lines)
        return format_html('<ul class="plain">{}</ul>', items) if items else "None"


def _sees_addresses(request: HttpRequest) -> bool:
    user: Any = request.user
    return user.is_superuser


def _without_address(row: Any, text: str) -> str:
    """Return a text with the address shortened as on the rest of the page."""
    return text if getattr(row, "whole", False) else text.replace(row.address, masked(row.address))
