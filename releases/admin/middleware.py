"""Middleware for addresses of the admin."""

from __future__ import annotations

import logging
from typing import Final

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from releases.domain.lifecycle.words import one_line
from releases.web.page_keys import SAFE_METHODS
from releases.web.refusals import BAD_REQUEST, refusal

MAX_NAME_LENGTH: Final = 30
"""Maximum number of characters shown of the name of a parameter."""
MAX_NAMES: Final = 5
"""Maximum number of parameters that are named."""

logger = logging.getLogger(__name__)


class AdminParametersMiddleware(MiddlewareMixin):
    """Middleware that answers 400 for parameters that the admin passes to a query unchecked.

    In Django's admin, a key that is not a number, or a number beyond the range of the database,
    raises an exception while the page is rendered.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return an error page, or None for exceptions with another cause."""
        match = request.resolver_match
        in_admin = match is not None and match.app_name == "admin"
        has_parameters = in_admin and request.method in SAFE_METHODS and request.GET
        if not has_parameters or not isinstance(exception, (ValueError, OverflowError, DataError)):
            return None
        logger.warning("A parameter of the admin: %s", exception, exc_info=exception)
        names = [one_line(name)[:MAX_NAME_LENGTH] for name in list(request.GET)[:MAX_NAMES]]
        text = f"A parameter of this address cannot be read. Check {', '.join(names)}."
        return refusal(400, BAD_REQUEST, text)
