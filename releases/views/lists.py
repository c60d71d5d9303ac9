"""Lists of products from A to Z, by category and by tag; recent and coming events; the search."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.lifecycle.words import status_sentence, when
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Category, ReleaseCycle, Tag
from releases.presentation.alternates import view_alternates
from releases.presentation.rows import Badge, badge_of, full_title
from releases.web import clock
from releases.web.cached_views import cached
from releases.web.parameters import lenient_query


@dataclass(frozen=True, slots=True)
class CycleLine:
    """A cycle in a list of cycles of several products."""

    cycle: ReleaseCycle
    title: str
    badge: Badge
    sentence: str
    released: str


@cached("on", "page")
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """`/products/`: every product from A to Z."""
    context = {"title": "All products", "categories": selectors.names_in_use(Category)}
    return render(request, "releases/products.html", context | _list(request))


@cached("on", "page")
@require_safe
def category(request: HttpRequest, name: str) -> HttpResponse:
    """`/categories/<name>/`: the products of a category."""
    return _products_of(request, "Category", name, category=name)


@cached("on", "page")
@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """`/tags/<name>/`: the products with a tag."""
    return _products_of(request, "Tag", name, tag=name)


@cached()
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """`/categories/`: all categories with their numbers of products."""
    context = {"title": "Categories", "names": _links("category", selectors.names_in_use(Category))}
    return render(request, "releases/names.html", context)


@cached()
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """`/tags/`: all tags with their numbers of products."""
    context = {"title": "Tags", "names": _links("tag", selectors.names_in_use(Tag))}
    return render(request, "releases/names.html", context)


@cached("on")
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """`/calendar/`: recent releases and ends, the next ends, and planned releases."""
    query = lenient_query(request)
    on = query.on
    found = selectors.recent_and_upcoming(on)
    groups = [
        ("ending", "Ends next", [_line(cycle, on) for cycle in found.ending]),
        ("coming", "To be released", [_line(cycle, on) for cycle in found.coming]),
        ("released", "Released lately", [_line(cycle, on) for cycle in found.released]),
        ("ended", "Ended lately", [_line(cycle, on) for cycle in found.ended]),
    ]
    context = {"on": on, "groups": groups, "problems": query.problems}
    return render(request, "releases/calendar.html", context)


@cached("q")
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`/search/?q=`: an exact name redirects to its page."""
    text = request.GET.get("q", "").strip()
    hits = selectors.search(text, clock.today())
    exact = [hit for hit in hits if hit.exact]
    if len(exact) == 1:
        return HttpResponseRedirect(exact[0].url)
    context = {"text": text, "hits": [(hit, hit.url) for hit in hits]}
    return render(request, "releases/search.html", context)


def _products_of(request: HttpRequest, kind: str, name: str, **filters: str) -> HttpResponse:
    products = _list(request, **filters)
    if not products["letters"]:
        raise Http404(f"No product has this {kind.lower()}.")
    view = RoadmapQuery.parse({kind.lower(): [name]}, clock.today())
    context = {
        "title": f"{kind}: {name}",
        "roadmap_url": reverse("releases:roadmap") + view.url(),
        "alternates": view_alternates(view),
    }
    return render(request, "releases/products.html", context | products)


def _list(request: HttpRequest, **filters: str) -> dict[str, Any]:
    """Return the context of a page of products, with links to the previous and the next page."""
    query = lenient_query(request)
    found = selectors.products_by_letter(query.on, page=query.page, **filters)
    page, view = found.page, RoadmapQuery(query.today, query.on)
    return {
        "letters": found.letters,
        "problems": query.problems,
        "count": page.paginator.count,
        "page": page,
        "previous": view.url(page=page.number - 1) if page.has_previous() else "",
        "next": view.url(page=page.number + 1) if page.has_next() else "",
    }


def _links(view: str, names: list[tuple[str, int]]) -> list[tuple[str, int, str]]:
    return [(name, count, reverse(f"releases:{view}", args=[name])) for name, count in names]


def _line(cycle: ReleaseCycle, on: date) -> CycleLine:
    return CycleLine(
        cycle=cycle,
        title=full_title(cycle),
        badge=badge_of(cycle.lifecycle, on),
        sentence=status_sentence(cycle.lifecycle, on),
        released=when(cycle.release, on),
    )
