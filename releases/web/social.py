"""The picture and the address by which social networks and chats show a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from releases.domain.roadmap.query import RoadmapQuery, View
from releases.web.parameters import lenient_query

WIDTH, HEIGHT = 1200, 630

_CARDS: Final = {"product": "product_card", "upgrade": "product_card", "cycle": "cycle_card"}
"""The views of cards by the views of pages; other pages have the card of the home page."""


@dataclass(frozen=True, slots=True)
class SocialCard:
    """The absolute URLs of a page and of its picture, which is `width` x `height` px."""

    page: str
    image: str
    width: int = WIDTH
    height: int = HEIGHT


def social_card(request: HttpRequest) -> SocialCard:
    """Return the card of a page. Both URLs are in a normal form: one view has one card."""
    match = request.resolver_match
    name = match.url_name if match and match.namespace == "releases" else ""
    page, image = request.path, reverse("releases:roadmap_card")
    if name == "roadmap":
        query = lenient_query(request)
        page += _query(query)
        image += _query(replace(query, page=1, expanded=(), view=View.PAGE))
    elif match and name in _CARDS:
        asked = lenient_query(request)
        day = _query(RoadmapQuery(asked.today, asked.on))
        page, image = page + day, reverse(f"releases:{_CARDS[name]}", kwargs=match.kwargs) + day
    return SocialCard(request.build_absolute_uri(page), request.build_absolute_uri(image))


def _query(query: RoadmapQuery) -> str:
    return query.url().removesuffix("?")
