"""Lists of products from A to Z, by category and by tag; agendas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from releases import selectors
from releases.domain.roadmap.agenda import AGENDA_NAMES
from releases.domain.roadmap.query import RoadmapQuery
from releases.models import Category, Tag
from releases.presentation.agenda import agenda_page
from releases.presentation.alternates import view_alternates
from releases.presentation.options import Option
from releases.presentation.words import category_title
from releases.web import clock
from releases.web.cached_views import cached
from releases.web.parameters import agenda_query, lenient_query
from releases.web.redirects import url_without_blank_parameters


@dataclass(frozen=True, slots=True)
class NameLine:
    """A category or tag in a list: its title, the number of its products, and its path."""

    title: str
    count: int
    url: str


@cached("on", "page")
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """`/products/`: every product from A to Z."""
    context = {"title": "Products", "here": "products", "categories": _categories()}
    return render(request, "releases/products.html", context | _list(request))


@cached("on", "page")
@require_safe
def category(request: HttpRequest, name: str) -> HttpResponse:
    """`/categories/<name>/`: the products of a category."""
    parent = Option(reverse("releases:categories"), "Categories")
    return _products_of(request, "category", name, category_title(name), parent)


@cached("on", "page")
@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """`/tags/<name>/`: the products with a tag."""
    parent = Option(reverse("releases:tags"), "Tags")
    return _products_of(request, "tag", name, f"Tag: {name}", parent)


@cached()
@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """`/categories/`: all categories with their numbers of products."""
    context = {"title": "Categories", "names": _categories()}
    return render(request, "releases/names.html", context)


@cached()
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """`/tags/`: all tags with their numbers of products."""
    names = [
        NameLine(name, number, reverse("releases:tag", args=[name]))
        for name, number in selectors.names_in_use(Tag)
    ]
    return render(request, "releases/names.html", {"title": "Tags", "names": names})


@cached(*AGENDA_NAMES)
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """`/calendar/`: what ends and comes out next; `?list=` has what ended and came out recently."""
    if url := url_without_blank_parameters(request):
        return HttpResponseRedirect(url)
    context = agenda_page(agenda_query(request), request.build_absolute_uri)
    return render(request, "releases/calendar.html", context)


def _products_of(
    request: HttpRequest, kind: str, name: str, title: str, parent: Option
) -> HttpResponse:
    """Return the products of a category or with a tag; `kind` is the parameter of the roadmap."""
    products = _list(request, **{kind: name})
    if not products["letters"]:
        raise Http404(f"No product has this {kind}.")
    view = RoadmapQuery.parse({kind: [name]}, clock.today())
    context = {
        "title": title,
        "parent": parent,
        "roadmap_url": reverse("releases:roadmap") + view.url(),
        "upcoming_url": reverse("releases:calendar") + view.url(),
        "alternates": view_alternates(view),
    }
    return render(request, "releases/products.html", context | products)


def _categories() -> list[NameLine]:
    """Return the categories in use by their titles."""
    lines = [
        NameLine(category_title(name), number, reverse("releases:category", args=[name]))
        for name, number in selectors.names_in_use(Category)
    ]
    return sorted(lines, key=lambda line: line.title.casefold())


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
