"""Reasons of changes: a field near the buttons that save or delete, kept in the history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from releases.admin.fields import ReasonField, ReasonForm
from releases.models.history import one_change


class ReasonAdmin(admin.ModelAdmin):
    """An admin whose requests write one change each to the history, with the reason given."""

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)
        form.base_fields["reason"] = ReasonField()
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # If the reason is invalid, the form rejects it and nothing is written.
        with one_change(_reason(request) or ""):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if (reason := _reason(request)) is None:
            return _ask_again(request)
        context = {"reason_form": ReasonForm(), **(extra_context or {})}
        with one_change(reason):
            return super().delete_view(request, object_id, context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Add a reason to the action that deletes rows."""
        reason = _reason(request)
        if reason is None and "post" in request.POST:
            return _ask_again(request)
        with one_change(reason or ""):
            response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data["reason_form"] = ReasonForm()
        return response


def _reason(request: HttpRequest) -> str | None:
    """Return the reason that was sent, perhaps empty, or None if it is invalid."""
    form = ReasonForm(request.POST)
    return form.cleaned_data["reason"] if form.is_valid() else None


def _ask_again(request: HttpRequest) -> HttpResponse:
    problems = ReasonForm(request.POST).errors["reason"]
    messages.error(request, f"Nothing was deleted. Reason: {' '.join(map(str, problems))}")
    return redirect(request.get_full_path())
