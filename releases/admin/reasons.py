"""Why somebody changed something: a field near the buttons that save or delete, for the history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from releases.domain import limits
from releases.models.history import one_change


class ReasonField(forms.CharField):
    """Why. It is no value of the row, and typing one is no change of it."""

    def __init__(self) -> None:
        widget = forms.TextInput(attrs={"size": 60, "autocomplete": "off"})
        super().__init__(
            label="Reason",
            max_length=limits.REASON,
            required=False,
            widget=widget,
            help_text="Why; it is kept in the history.",
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ReasonForm(forms.Form):
    reason = ReasonField()


class ReasonAdmin(admin.ModelAdmin):
    """All that one request writes is one change in the history, with the reason that was typed."""

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"reason": ReasonField()})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # The form tells what is wrong with a reason, and nothing is written then.
        with one_change(reason_of(request) or ""):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if (reason := reason_of(request)) is None:
            return _ask_again(request)
        context = {"reason_form": ReasonForm(), **(extra_context or {})}
        with one_change(reason):
            return super().delete_view(request, object_id, context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Its action that deletes asks for a reason, too."""
        reason = reason_of(request)
        if reason is None and "post" in request.POST:
            return _ask_again(request)
        with one_change(reason or ""):
            response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            response.context_data["reason_form"] = ReasonForm()
        return response


def reason_of(request: HttpRequest) -> str | None:
    """The reason that was typed, which may be empty; None if it cannot be kept."""
    form = ReasonForm(request.POST)
    return form.cleaned_data["reason"] if form.is_valid() else None


def _ask_again(request: HttpRequest) -> HttpResponse:
    problems = ReasonForm(request.POST).errors["reason"]
    messages.error(request, f"Nothing was deleted. Reason: {' '.join(map(str, problems))}")
    return redirect(request.get_full_path())
