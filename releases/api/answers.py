"""How versions 0 and 1 answer: their parameters, JSON as it is, redirects of aliases."""

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
    request: HttpRequest,
    view: str,
    answer: Callable[[str], HttpResponse],
    product: str,
    *cycle: str,
) -> HttpResponse:
    """Return what `answer` gives for a product, or the redirect for a former name.

    Args:
        request: The request that is answered.
        view: The name of the address that is asked for.
        answer: Makes the answer of a product's name. It raises `NotFound` for an unknown cycle.
        product: The product in the address.
        cycle: The cycle in the address, if it is of one.

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
