"""The page of a search, and the pages that a search leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from releases.domain.lifecycle.status import Status, status_on
from releases.domain.roadmap.timeline import default_window
from releases.domain.search import MAX_ITEMS, MAX_QUESTION
from releases.domain.stack import Part, query_of
from releases.models import Product, ReleaseCycle
from releases.presentation.rows import Badge, badge_of, full_title, row_of
from releases.presentation.upgrade.verdict import verdict_url
from releases.presentation.words import category_word
from releases.selectors import Hit, ItemHits, SearchResult


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A hit. `badge` is the status of its cycle; a product without a version has none."""

    title: str
    url: str
    badge: Badge | None
    sentence: str
    category: str


@dataclass(frozen=True, slots=True)
class SearchSection:
    """The hits of an item; `similar` is True if they only have similar names."""

    text: str
    rows: list[SearchRow]
    similar: bool


def answer_url(found: SearchResult) -> str:
    """Return the path and query of the page that a text asks for, or an empty text.

    That is the page of the only product that it names, with the answer for a version. Several
    versions are a stack, if each of them is named in full.
    """
    full = [item.full for item in found.items]
    hits = [hit for hit in full if hit]
    if found.cut or not hits or len(hits) < len(full):
        return ""
    if len(hits) == 1:
        return _page_of(hits[0].product, hits[0].version)
    if not all(hit.version for hit in hits):
        return ""
    return _stack_url(hits)


def search_page(found: SearchResult, text: str, on: date) -> dict[str, Any]:
    """Return the template context of the page of a search.

    Args:
        found: The result of the search.
        text: The text that was typed.
        on: The day of the statuses.
    """
    versions = [item.full for item in found.items if item.full and item.full.version]
    return {
        "text": text,
        "sections": [_section(item, on) for item in found.items],
        "stack_url": _stack_url(versions) if len(versions) > 1 else "",
        "stack_count": len(versions),
        "cut": found.cut,
        "max_items": MAX_ITEMS,
        "max_text": MAX_QUESTION,
    }


def search_row(hit: Hit, on: date) -> SearchRow:
    """Return a hit as a row of a list."""
    product, cycle = hit.product, hit.cycle
    return SearchRow(
        title=full_title(cycle) if cycle else product.label,
        url=_page_of(product, hit.version if cycle else ""),
        badge=badge_of(cycle.lifecycle, on) if cycle else None,
        sentence=_support(product, cycle, on) if cycle else _supported(product, on),
        category=category_word(product.category.name) if product.category else "",
    )


def _section(item: ItemHits, on: date) -> SearchSection:
    return SearchSection(item.text, [search_row(hit, on) for hit in item.hits], item.similar)


def _page_of(product: Product, version: str) -> str:
    return verdict_url(product, version, {}) if version else product.get_absolute_url()


def _stack_url(hits: Iterable[Hit]) -> str:
    parts = [Part(hit.product.name, hit.version) for hit in hits]
    return reverse("releases:stack") + query_of(parts)


def _support(product: Product, cycle: ReleaseCycle, on: date) -> str:
    """Return the end of a cycle's support in words: `Security fixes until 30 Apr 2028`."""
    row = row_of(product, cycle, default_window(on), on)
    if row.planned:
        return row.detail
    end = row.support.security
    words = f"{row.support.label} {end.text}" if end.day else end.text.capitalize()
    return " · ".join(filter(None, (words, row.support.extended)))


def _supported(product: Product, on: date) -> str:
    """Return how many releases of a product are supported, as a sentence."""
    statuses = [status_on(cycle.lifecycle, on) for cycle in product.cycles.all()]
    count = sum(not status.ended and status is not Status.PLANNED for status in statuses)
    if not statuses:
        return "No releases yet"
    return f"{count or 'No'} release{'' if count == 1 else 's'} supported"
