"""The names that a text is compared with, and the conditions of a text in a view of the roadmap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from operator import or_
from typing import Final

from django.db.models import CharField, F, Q, Value

from releases.domain.categories import CATEGORIES
from releases.domain.search import MAX_ITEMS, Found, Name, NameIndex, NameKind, Rank
from releases.models import Alias, Product, visibility
from releases.selectors.revision import last_write
from releases.selectors.roadmap.source import PRESENT, Source

MAX_PRODUCTS: Final = 5_001
"""Maximum number of products that a text finds in the roadmap, which counts up to 5,000."""
NEVER: Final = Q(id__in=[])


@dataclass(frozen=True, slots=True)
class TextFilter:
    """What a text finds in a view of the roadmap.

    Attributes:
        products: The condition of the products.
        cycles: The condition of the cycles that the text names.
        notes: Sentences about what was not found as it was typed.
    """

    products: Q = NEVER
    cycles: Q = NEVER
    notes: tuple[str, ...] = ()


def text_filter(source: Source, text: str) -> TextFilter:
    """Return the conditions of the text of a view of the roadmap, in 2 queries at most.

    In none without a text. The names are read again for a recorded day, or if they changed since
    the last search.
    """
    if not text:
        return TextFilter()
    index = name_index() if source is PRESENT else NameIndex(_read_names(source))
    items = index.items(text)
    found = [index.find(item) for item in items[:MAX_ITEMS]]
    products, cycles = NEVER, NEVER
    keys = [match.key for each in found for match in each.matches][:MAX_PRODUCTS]
    if keys:
        products |= Q(id__in=keys)
    for each in found:
        if each.alone:
            called = source.cycles.filter(name__istartswith=each.version).order_by()
            products |= Q(id__in=called.values("product"))
            cycles |= Q(name__istartswith=each.version)
        elif each.version:
            own = [match.key for match in each.matches if match.version][:MAX_PRODUCTS]
            cycles |= Q(product_id__in=own) & _of_version(each.version)
    return TextFilter(products, cycles, tuple(_notes(found, len(items) > MAX_ITEMS)))


def _notes(found: Sequence[Found], cut: bool) -> Iterator[str]:
    """Yield what a list of products does not tell; an empty list tells that nothing was found."""
    for each in found:
        if any(match.rank is Rank.SIMILAR for match in each.matches):
            yield f"Nothing is called “{each.text}”. Similar names are shown."
        elif not each.matches and not each.alone and len(found) > 1:
            yield f"Nothing is called “{each.text}”."
    if cut:
        yield f"Only the first {MAX_ITEMS} entries are searched."


def _of_version(version: str) -> Q:
    """Return the condition of the cycles that a version may belong to, or that belong to it."""
    parts = version.split(".")
    names = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    within = (Q(name__istartswith=f"{version}{joint}") for joint in ".- ")
    codename = Q(codename__iexact=version) | Q(codename__istartswith=f"{version} ")
    return reduce(or_, within, Q(name__in=names) | codename)


def name_index() -> NameIndex:
    """Return the names of the public products, in 1 query, or 2 if they may have changed."""
    return _names_of(last_write().revision, visibility.real_date())


@lru_cache(maxsize=1)
def _names_of(revision: str, today: date) -> NameIndex:
    """Return the names in a revision of the catalogue on a day, as drafts become public by day."""
    return NameIndex(_read_names(PRESENT))


def _read_names(source: Source) -> Iterable[Name]:
    """Return the names of all products of a source, in 1 query."""
    products = source.products.order_by()
    aliases = Alias.objects.filter(product__in=Product.objects.public()).order_by()
    named = source.cycles.exclude(codename="").order_by()
    none = Value("", CharField())
    first, *others = (
        rows.values_list(key, Value(kind.value, CharField()), *texts)
        for rows, key, kind, texts in (
            (products, "id", NameKind.OWN, (F("name"), F("label"))),
            (products, "id", NameKind.GROUP, (F("category__name"), F(f"{source.tags}__name"))),
            (aliases, "product_id", NameKind.OWN, (F("name"), none)),
            (named, "product_id", NameKind.CODENAME, (F("codename"), none)),
        )
    )
    # From Django 6.1 on, a union has the default order of its first table unless it has another.
    rows = first.union(*others, all=True).order_by()
    return [
        Name(key, kind, word)
        for key, kind, *texts in rows
        for text in filter(None, texts)
        for word in _words(kind, text)
    ]


def _words(kind: str, text: str) -> tuple[str, ...]:
    """Return a name, with the words for it if it is a category."""
    return (text, *CATEGORIES.get(text, ())) if kind == NameKind.GROUP else (text,)
