"""Actions that export the selected products, drafts included: product files, a table, data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from releases.formats.tables import ROADMAP_COLUMNS, csv_text, roadmap_facts, table_row
from releases.models import Product
from releases.services.export_products import json_parts, product_texts, whole_products
from releases.web import clock

CHUNK_SIZE: Final = 50
"""Number of products in memory at a time. They are sent while the next ones are read."""


@admin.action(description="Export as product files", permissions=["view"])
def export_files(model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet) -> HttpResponseBase:
    """Return one product as its file, several as a zip archive."""
    texts = ((name, text) for _, name, text in product_texts(_products(rows)))
    first = list(islice(texts, 2))
    if len(first) == 1:
        name, text = first[0]
        return _file([text], name, "text/markdown; charset=utf-8")
    return _file(_zip(chain(first, texts)), "products.zip", "application/zip")


@admin.action(description="Export as CSV", permissions=["view"])
def export_csv(model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet) -> HttpResponseBase:
    """Return the table of the roadmap's export: a row for each cycle, as of today."""
    products = _products(rows, "imported", "file_text")
    return _file(_csv(products), "products.csv", "text/csv; charset=utf-8")


@admin.action(description="Export as JSON", permissions=["view"])
def export_json(model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet) -> HttpResponseBase:
    """Return all values, as `manage.py export_products` writes them."""
    products = _products(rows, "imported", "file_text")
    return _file(json_parts(products, clock.today()), "products.json", "application/json")


EXPORT_ACTIONS: Final = (export_files, export_csv, export_json)


def _products(rows: QuerySet, *without: str) -> Iterator[Product]:
    """Return the selected products with all that belongs to them, but for some columns."""
    products = whole_products().filter(pk__in=rows.order_by().values("pk")).defer(*without)
    return products.iterator(chunk_size=CHUNK_SIZE)


def _csv(products: Iterable[Product]) -> Iterator[str]:
    """Yield the table as CSV, product by product."""
    on = clock.today()
    yield csv_text([ROADMAP_COLUMNS])
    for product in products:
        yield csv_text(
            table_row(roadmap_facts(product, cycle, on), ROADMAP_COLUMNS)
            for cycle in product.cycles.all()
        )


class _Chunks(list[bytes]):
    """A file that collects what is written to it; it cannot seek, so a zip archive is streamed."""

    def write(self, data: Any) -> int:
        self.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass


def _zip(files: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Yield a zip archive of named files, piece by piece."""
    chunks: Any = _Chunks()
    with ZipFile(chunks, "w", ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(name, text)
            yield b"".join(chunks)
            chunks.clear()
    yield b"".join(chunks)


def _file(
    parts: Iterable[str] | Iterable[bytes], name: str, content_type: str
) -> StreamingHttpResponse:
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return StreamingHttpResponse(parts, content_type=content_type, headers=headers)
