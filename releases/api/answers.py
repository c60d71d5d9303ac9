"""How versions 0 and 1 answer: their parameters, JSON as it is, redirects of aliases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from pydantic import Field

from releases import selectors
from releases.api.errors import unknown_product
from releases.api.parameters import AsOf, Flag
from releases.models import Product


class Published(AsOf):
    """The day that is asked about, and whether cycles are wanted that are not out yet on it."""

    planned: Flag = Field(
        False,
        description="With the release cycles that are planned on that day. Clients of this"
        " version do not expect any.",
    )


def json_answer(data: Any) -> HttpResponse:
    """Data as an answer, as it is: models of pydantic would cost several times as much. Tests hold
    it to the schema that is declared."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json")


def found(
    request: HttpRequest, view: str, answer: Callable[[str], HttpResponse], **arguments: str
) -> HttpResponse:
    """What `answer` gives for the product in `arguments`; for an alias a redirect to its product,
    for good.

    `view` is the name of the address that is asked for, `arguments` are its parts. Raises
    `NotFound`.
    """
    try:
        return answer(arguments["product"])
    except Product.DoesNotExist:
        target = selectors.product_of_alias(arguments["product"])
    if target is None:
        raise unknown_product(arguments["product"])
    address = reverse(f"releases:{view}", kwargs=arguments | {"product": target})
    slash = "/" if request.path.endswith("/") else ""
    query_string = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{address}{slash}?{query_string}".removesuffix("?"))
