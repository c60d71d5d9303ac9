"""Buttons of the editor's desk that confirm dates with one click."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from releases.admin.pages import AdminPage, redirect_to_next
from releases.models import Product, ReleaseCycle, Revision
from releases.models.history import set_change_reason
from releases.web import clock


@require_POST
def _confirm_dates(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Mark the dates of a cycle as confirmed."""
    _check_permission(request, model_admin)
    cycles = ReleaseCycle.objects.select_related("product")
    cycle = _set(cycles, key, "unconfirmed", False, "dates confirmed")
    messages.success(request, f"The dates of {cycle.product} {cycle} are confirmed.")
    return redirect_to_next(request)


@require_POST
def _mark_checked(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Record that the dates of a product were compared today with those of its vendor."""
    _check_permission(request, model_admin)
    product = _set(Product.objects.all(), key, "checked_on", clock.today(), "checked")
    messages.success(request, f"{product} was checked today.")
    return redirect_to_next(request)


CONFIRM_DATES = AdminPage("<int:key>/confirm/", "confirm", _confirm_dates)
MARK_CHECKED = AdminPage("<int:key>/checked/", "checked", _mark_checked)


def _check_permission(request: HttpRequest, model_admin: ModelAdmin) -> None:
    if not model_admin.has_change_permission(request):
        raise PermissionDenied


def _set(rows: QuerySet[Any], key: int, field: str, value: object, reason: str) -> Any:
    """Return a row after setting one field of it, which writes nothing if it has the value."""
    with transaction.atomic():
        Revision.wait()  # `save` makes a new revision; an equal value makes no page outdated
        row = get_object_or_404(rows, pk=key)
        if getattr(row, field) != value:
            setattr(row, field, value)
            set_change_reason(row, reason).save(update_fields=[field])
    return row
