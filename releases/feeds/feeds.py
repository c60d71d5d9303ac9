"""Atom and RSS feeds of products, new products, views of the roadmap, stacks and changes.

The time of a feed and its `Last-Modified` header are those of its newest entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, rfc3339_date
from django.utils.http import http_date
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.lifecycle.words import one_line
from releases.domain.roadmap.agenda import NEXT_DAYS, RECENT_DAYS, days_from
from releases.domain.roadmap.events import stable_id
from releases.domain.roadmap.query import EVENT_NAMES, RoadmapQuery
from releases.presentation.feed_entries import (
    FeedEntry,
    agenda_entries,
    change_entries,
    new_product_entries,
    product_entries,
    view_entries,
)
from releases.presentation.stack.page import STACK_PARAMETERS, cycles_of
from releases.web.cached_views import cached
from releases.web.parameters import stack_query, strict_query
from releases.web.redirects import get_product_or_redirect
from releases.web.responses import data_view

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of the last update of a feed without entries."""


class _LatestUpdate:
    """A mixin that dates a feed by its newest entry; Django dates an empty feed by the clock."""

    items: list[dict[str, Any]]

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=NEVER)


class AtomFeed(_LatestUpdate, Atom1Feed):
    """Atom 1.0."""


class RssFeed(_LatestUpdate, Rss201rev2Feed):
    """RSS 2.0, with `atom:updated` in each item, because RSS has no element for it."""

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))


FEEDS: Final[dict[str, type[AtomFeed] | type[RssFeed]]] = {"atom": AtomFeed, "rss": RssFeed}
"""Generators of feeds by the suffixes of their URLs."""


@cached("on")
@require_safe
@data_view
def product(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """`/<product>.atom`: the same events of a product as on endoflife.date. Raises `Http404`."""
    found = get_product_or_redirect(
        request, name, f"product_{form}", read=selectors.product_with_cycles
    )
    if isinstance(found, HttpResponse):
        return found
    query = strict_query(request)
    return _response(
        request,
        form,
        found.name,
        product_entries(found, query.on),
        url=_url(request, query),
        page=found.get_absolute_url(),
        title=f"{found.label} events",
        subtitle=f"{found.label}: releases and ends of support",
    )


@cached("on")
@require_safe
@data_view
def new_products(request: HttpRequest, form: str) -> HttpResponse:
    """`/new-products.atom`: the products that were added, as on endoflife.date."""
    query = strict_query(request)
    return _response(
        request,
        form,
        "new products",
        new_product_entries(query.on),
        url=_url(request, query),
        page=reverse("releases:products"),
        title="new products",
        subtitle=f"Products that were added to {settings.SITE_NAME}",
    )


@cached(*EVENT_NAMES)
@require_safe
@data_view
def roadmap(request: HttpRequest, form: str) -> HttpResponse:
    """`/roadmap.atom`: upcoming ends and changes of the cycles on all pages of a view.

    With `kind` it is the feed of an agenda.
    """
    query = strict_query(request, events=True)
    view = query.url(known_on=None, page=1).removesuffix("?")
    if query.event_kinds:
        return _agenda(request, form, query, view)
    return _response(
        request,
        form,
        view,
        view_entries(selectors.cycles_in_view(query), query.on),
        url=_url(request, query),
        page=reverse("releases:roadmap") + view,
        title="ends of support and changes",
        subtitle="What ends soon, which dates were changed, and new release cycles",
    )


def _agenda(request: HttpRequest, form: str, query: RoadmapQuery, view: str) -> HttpResponse:
    """Return the feed of an agenda: the events of some kinds that were recently or come next."""
    first, last = days_from(query.on, -RECENT_DAYS), days_from(query.on, NEXT_DAYS)
    events = selectors.events_in_view(query, first, last, newest=True)
    return _response(
        request,
        form,
        f"agenda{view}",
        agenda_entries(events, query.on),
        url=_url(request, query),
        page=reverse("releases:calendar") + view,
        title="upcoming dates",
        subtitle="What ends and what comes out",
    )


@cached("product", "kind")
@require_safe
@data_view
def changes(request: HttpRequest, form: str) -> HttpResponse:
    """`/changes.atom`: the newest changes, optionally of some products and kinds only."""
    query = strict_query(request)
    view = query.url().removesuffix("?")
    return _response(
        request,
        form,
        f"changes{view}",
        change_entries(query),
        url=_url(request, query),
        page=reverse("releases:changes") + view,
        title="changes",
        subtitle="Dates that were announced, moved or withdrawn, and new release cycles",
    )


@cached(*STACK_PARAMETERS)
@require_safe
@data_view
def stack(request: HttpRequest, form: str) -> HttpResponse:
    """`/stack.atom?of=...`: upcoming ends and changes of the cycles of a stack."""
    requested = stack_query(request, strict=True)
    accepted = {
        item.verdict.cycle.pk
        for item in requested.check.items
        if item.verdict.cycle and item.verdict.accepted
    }
    return _response(
        request,
        form,
        f"stack{requested.url}",
        view_entries(cycles_of(requested.check.items), requested.query.on, accepted),
        url=(request.path + requested.url).removesuffix("?"),
        page=(reverse("releases:stack") + requested.url).removesuffix("?"),
        title="your stack",
        subtitle="What of it ends soon, which dates were changed, and new release cycles",
    )


def _url(request: HttpRequest, query: RoadmapQuery) -> str:
    """Return the URL of a feed without the parameters that feeds ignore."""
    return (request.path + query.url(known_on=None, page=1)).removesuffix("?")


def _response(
    request: HttpRequest,
    form: str,
    name: str,
    entries: Sequence[FeedEntry],
    *,
    url: str,
    page: str,
    title: str,
    subtitle: str,
) -> HttpResponse:
    """Return a feed.

    Args:
        request: The request.
        form: A key of `FEEDS`.
        name: The name that the id of the feed is derived from.
        entries: The entries, newest first.
        url: The path and query of the feed itself.
        page: The path and query of the page that it belongs to.
        title: The title, without the name of the site.
        subtitle: The subtitle.
    """
    absolute = request.build_absolute_uri
    feed = FEEDS[form](
        title=f"{settings.SITE_NAME}: {one_line(title)}",
        subtitle=one_line(subtitle),
        link=absolute(page),
        description=one_line(subtitle),
        language=get_language(),
        feed_url=absolute(url),
        author_name=settings.SITE_NAME,
        feed_guid=stable_id("a feed", name).urn,
    )
    for entry in entries:
        feed.add_item(
            title=one_line(entry.title),
            link=absolute(entry.path),
            description=escape(one_line(entry.text)),  # feed readers render it as HTML
            unique_id=entry.id.urn,
            unique_id_is_permalink=False,
            pubdate=entry.published,
            updateddate=entry.updated,
        )
    headers = {"Last-Modified": http_date(feed.latest_post_date().timestamp())}
    response = HttpResponse(content_type=feed.content_type, headers=headers)
    feed.write(response, "utf-8")
    return response
