"""What is selected on the list of products as files: product files, a table, data. Drafts too, as
these are the editors' own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import RawIOBase, StringIO
from itertools import chain, islice
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from releases.formats.tables import ROADMAP_COLUMNS, roadmap_facts, table_row
from releases.models import Product
from releases.services.export_products import json_parts, product_texts, whole_products
from releases.web import clock

AT_ONCE: Final = 50
"""So many products are in memory at a time: they are sent while the next ones are read."""


class Exports(admin.ModelAdmin):
    """Actions that answer with a file."""

    actions = ("export_files", "export_csv", "export_json")

    @admin.action(description="Export as product files", permissions=["view"])
    def export_files(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> StreamingHttpResponse:
        """One as its file, several as an archive."""
        texts = ((name, text) for _, name, text in product_texts(_some_at_once(_whole(queryset))))
        first = list(islice(texts, 2))
        if len(first) == 1:
            name, text = first[0]
            return _file([text], name, "text/markdown; charset=utf-8")
        return _file(_zipped(chain(first, texts)), "products.zip", "application/zip")

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_csv(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> StreamingHttpResponse:
        """The table of the roadmap's export: a row for each cycle, as of today."""
        products = _some_at_once(_whole(queryset).defer("imported", "file_text"))
        return _file(_csv(products), "products.csv", "text/csv; charset=utf-8")

    @admin.action(description="Export as JSON", permissions=["view"])
    def export_json(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> StreamingHttpResponse:
        """All values, as `manage.py export_products` writes them."""
        products = _some_at_once(_whole(queryset).defer("imported", "file_text"))
        return _file(json_parts(products, clock.today()), "products.json", "application/json")


def _whole(selected: QuerySet[Product]) -> QuerySet[Product]:
    """The selected products with all that belongs to them."""
    return whole_products().filter(pk__in=selected.order_by().values("pk"))


def _some_at_once(products: QuerySet[Product]) -> Iterator[Product]:
    return products.iterator(chunk_size=AT_ONCE)


def _csv(products: Iterable[Product]) -> Iterator[str]:
    on = clock.today()
    yield _csv_text([ROADMAP_COLUMNS])
    for product in products:
        yield _csv_text(
            table_row(roadmap_facts(product, cycle, on), ROADMAP_COLUMNS)
            for cycle in product.cycles.all()
        )


def _csv_text(rows: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


class _Sink(RawIOBase):
    """What an archive is written to, and taken from as it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _zipped(files: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """An archive of files by their names, piece by piece."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
            yield sink.taken()
    yield sink.taken()


def _file(
    parts: Iterable[str] | Iterable[bytes], name: str, content_type: str
) -> StreamingHttpResponse:
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return StreamingHttpResponse(parts, content_type=content_type, headers=headers)
