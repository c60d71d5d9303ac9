"""Parameters in addresses of the admin that name no row, no number or no field."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponse

from releases.domain.lifecycle.words import one_line
from releases.web.refusals import refusal

LETTERS = 30
"""Letters that are shown of the name of a parameter."""

logger = logging.getLogger(__name__)


class CheckedInitial(admin.ModelAdmin):
    """Fills the form of a new row with values of its address that its fields can have."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        fields = self.get_form(request).base_fields
        for name in [name for name in initial if name in fields]:
            try:
                fields[name].clean(initial[name])
            except (ValidationError, OverflowError, DataError):
                del initial[name]
                text = f"“{fields[name].label}” stays empty: the address has no value for it."
                self.message_user(request, text, messages.WARNING)
        return initial


class ParametersMiddleware:
    """Answers 400 where Django's admin takes a parameter to a query without looking at it: a key
    that is no number, or a number that no database has."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        in_admin = match is not None and match.app_name == "admin"
        asked = in_admin and request.method in ("GET", "HEAD") and request.GET
        if not asked or not isinstance(exception, (ValueError, OverflowError, DataError)):
            return None
        logger.warning("A parameter of the admin: %s", exception, exc_info=exception)
        names = ", ".join(one_line(name)[:LETTERS] for name in list(request.GET)[:5])
        text = f"A parameter of this address cannot be read; look at: {names}."
        return refusal(400, "This cannot be answered", text)
