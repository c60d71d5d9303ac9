"""Requests of editors to publish a draft; users who may publish see them on the start page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from releases.admin.fields import ReasonForm
from releases.admin.pages import AdminPage, admin_url, render_page
from releases.models import Product
from releases.services.editing.publishing import request_publication
from releases.web import clock


def _request(request: HttpRequest, key: int, *, model_admin: ModelAdmin) -> HttpResponse:
    """Ask for the publication of a draft, or withdraw the request."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    with transaction.atomic():
        row: Any = get_object_or_404(model_admin.get_queryset(request), pk=key)
        name = str(row) if isinstance(row, Product) else f"{row.product} {row}"
        form = ReasonForm(request.POST or None)
        if not may_be_requested(row):
            messages.warning(request, f"{name} needs no request: {_STATES[row.draft]}.")
            return redirect(admin_url(row, "change", key))
        if form.is_valid():
            withdraw = "withdraw" in request.POST
            usual = "request withdrawn" if withdraw else "publication requested"
            reason = form.cleaned_data["reason"] or usual
            request_publication(row, None if withdraw else clock.today(), reason=reason)
            messages.success(request, _done(name, withdraw=withdraw))
            return redirect(admin_url(row, "change", key))
    title = f"Request publication of {name}"
    context = {"form": form, "product": row, "object": row, "requested_on": row.requested_on}
    return render_page(request, model_admin, "request_publication", title, **context)


REQUEST_PUBLICATION = AdminPage("<int:key>/request/", "request", _request)

_STATES = {False: "it is no draft", True: "it has a day of publication"}


def may_be_requested(row: Any) -> bool:
    """Return True if a row is a draft without a day of publication."""
    return bool(row.draft and row.publish_on is None)


def request_url(row: Any) -> str:
    """Return the address on which an editor requests the publication of a row, or ""."""
    return admin_url(row, "request", row.pk) if row and may_be_requested(row) else ""


def _done(name: str, *, withdraw: bool) -> str:
    if withdraw:
        return f"The request to publish {name} is withdrawn."
    return f"Publication of {name} is requested. Release managers see it on their start page."
