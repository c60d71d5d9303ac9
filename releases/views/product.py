"""The page of one product: its timeline and its support tables."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from releases import selectors
from releases.clock import today
from releases.domain.columns import COLUMN_LABELS, Display
from releases.domain.query import RoadmapQuery
from releases.formats.liquid import plain_text
from releases.models import CustomField, Product
from releases.views.rows import CycleRow, Moment, axis_of, rows_of


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a support table: one of the usual ones, or a product's own field."""

    name: str
    label: str
    field: CustomField | None = None

    def cell(self, row: CycleRow) -> Moment:
        if self.field:
            return Moment(str(row.cycle.custom.get(self.field.name, "")))
        if self.name == "latest":
            return Moment(row.cycle.latest)
        moment: Moment = getattr(row, self.name)
        return moment


@dataclass(frozen=True, slots=True)
class TableRow:
    row: CycleRow
    cells: list[tuple[TableColumn, Moment]]


@dataclass(frozen=True, slots=True)
class Table:
    """Cycles that stand alike: supported, planned, unsupported."""

    title: str
    rows: list[TableRow]


@require_safe
def product(request: HttpRequest, name: str) -> HttpResponse:
    """`/<product>/`; an alias leads to its product for good."""
    try:
        found = selectors.product_page(name)
    except Product.DoesNotExist:
        target = selectors.product_of_alias(name)
        if target is None:
            raise Http404(f"There is no product “{name}”.") from None
        query_string = request.META.get("QUERY_STRING", "")
        address = reverse("releases:product", args=[target])
        return HttpResponsePermanentRedirect(f"{address}?{query_string}".removesuffix("?"))
    query = RoadmapQuery.parse(dict(request.GET.lists()), today())
    rows = rows_of(found, found.cycles.all(), query.window, query.on)
    ended = [row for row in rows if row.ended]
    planned = [row for row in rows if row.planned]
    supported = [row for row in rows if not row.ended and not row.planned]
    columns = columns_of(found)
    context = {
        "product": found,
        "query": query,
        "problems": query.problems,
        "axis": axis_of(query.window, today=query.today, on=query.on),
        "timeline": [*planned, *supported, *ended[:1]],
        "columns": columns,
        "tables": [
            _table(title, columns, group)
            for title, group in (
                ("Supported", supported),
                ("Planned", planned),
                ("No longer supported", ended),
            )
            if group
        ],
    }
    return render(request, "releases/product.html", context)


def columns_of(product: Product) -> list[TableColumn]:
    """The columns behind release and status, as the product declares them, in their order."""
    own: dict[str, list[TableColumn]] = {display.value: [] for display in Display}
    for field in product.custom_fields.all():
        own[field.display].append(TableColumn(field.name, str(field), field))
    usual = [
        TableColumn(name, plain_text(column.label) or COLUMN_LABELS[name])
        for name, column in product.columns.items()
        if column.shown
    ]
    before = [column for column in usual if column.name != "latest"]
    latest = [column for column in usual if column.name == "latest"]
    return [
        *own[Display.AFTER_RELEASE],
        *before,
        *own[Display.BEFORE_LATEST],
        *latest,
        *own[Display.AFTER_LATEST],
    ]


def _table(title: str, columns: list[TableColumn], rows: list[CycleRow]) -> Table:
    return Table(
        title, [TableRow(row, [(column, column.cell(row)) for column in columns]) for row in rows]
    )
