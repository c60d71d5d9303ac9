"""The roadmap as SVG, CSV and JSON. Other sites may embed the images and read the data."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from releases.domain.roadmap.query import NAMES
from releases.formats.tables import ROADMAP_COLUMNS
from releases.presentation.exports import (
    product_image,
    roadmap_data,
    roadmap_image,
    roadmap_table,
    stack_image,
)
from releases.presentation.image import STYLE_HASH
from releases.presentation.stack.page import STACK_PARAMETERS
from releases.web.cached_views import cached
from releases.web.parameters import stack_query, strict_query
from releases.web.redirects import get_product_or_redirect
from releases.web.responses import csv_response, data_view, json_response, svg_response

IMAGE_POLICY: Final = f"default-src 'none'; style-src {STYLE_HASH}; frame-ancestors *"


@cached(*NAMES)
@require_safe
@xframe_options_exempt
@data_view
def roadmap_svg(request: HttpRequest) -> HttpResponse:
    """`/roadmap.svg`: the rows of the page as an image."""
    return svg_response(roadmap_image(strict_query(request)), IMAGE_POLICY)


@cached(*NAMES)
@require_safe
@xframe_options_exempt
@data_view
def product_svg(request: HttpRequest, name: str) -> HttpResponse:
    """`/<product>.svg`: the timeline of a product as an image. Raises `Http404`."""
    product = get_product_or_redirect(request, name, "product_svg")
    if isinstance(product, HttpResponse):
        return product
    return svg_response(product_image(product, strict_query(request)), IMAGE_POLICY)


@cached(*STACK_PARAMETERS)
@require_safe
@xframe_options_exempt
@data_view
def stack_svg(request: HttpRequest) -> HttpResponse:
    """`/stack.svg?of=...`: the timeline of a stack as an image."""
    return svg_response(stack_image(stack_query(request, strict=True)), IMAGE_POLICY)


@cached(*NAMES)
@require_safe
@data_view
def roadmap_csv(request: HttpRequest) -> HttpResponse:
    """`/roadmap.csv`: one row for each cycle on the page, pinned cycles first."""
    return csv_response("roadmap.csv", ROADMAP_COLUMNS, roadmap_table(strict_query(request)))


@cached(*NAMES)
@require_safe
@data_view
def roadmap_json(request: HttpRequest) -> HttpResponse:
    """`/roadmap.json`: the cycles on the page by product, and the ignored query parameters."""
    return json_response(roadmap_data(strict_query(request)))
