"""Common parts of v0 and v1: parameters, JSON responses, redirects of aliases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from releases.api.errors import NotFound, unknown_product
from releases.api.parameters import AsOf, Flag
from releases.models import Product
from releases.web.redirects import moved_to, new_path


class Published(AsOf):
    """The date, and whether to include the cycles that are planned on it."""

    planned: Flag = Field(
        False,
        description="Also the release cycles that are planned on that day. Clients of this"
        " version do not expect any.",
    )


def json_answer(data: Any) -> HttpResponse:
    """Return data as JSON without validation, which would take several times as long.

    Tests compare the responses with the declared schemas.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, content_type="application/json")


def found(
    request: HttpRequest,
    view: str,
    answer: Callable[[str], HttpResponse],
    product: str,
    *cycle: str,
) -> HttpResponse:
    """Return the response for a product, or the redirect for a former name.

    Args:
        request: The request.
        view: The name of the view, without its namespace.
        answer: Returns the response for the name of a product; raises `NotFound` for an unknown
            cycle.
        product: The name of the product in the address.
        cycle: The name of the cycle in the address, if it has one.

    Raises:
        NotFound: There is no such product or cycle.
    """
    try:
        return answer(product)
    except (Product.DoesNotExist, NotFound) as error:
        path = new_path(view, product, *cycle)
        if path is None:
            raise error if isinstance(error, NotFound) else unknown_product(product) from None
    return moved_to(request, f"{path}/" if request.path.endswith("/") else path)
