"""The page of one release cycle: status, milestones and releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from releases import selectors
from releases.domain.lifecycle.milestones import MILESTONES, PartialDate
from releases.domain.lifecycle.status import Lifecycle, Status, is_lts, status_on
from releases.domain.lifecycle.versions import ReleaseKind, version_key
from releases.domain.lifecycle.words import status_sentence, unless
from releases.domain.roadmap.query import RoadmapQuery
from releases.domain.roadmap.timeline import Window, window_of
from releases.models import CustomField, Product, Release, ReleaseCycle
from releases.presentation.alternates import AbsoluteUrl, cycle_alternates, webcal
from releases.presentation.breadcrumbs import breadcrumbs
from releases.presentation.rows import (
    MilestoneCell,
    axis_of,
    milestone_cell,
    row_of,
)
from releases.presentation.snippets import snippets

KIND_WORDS = {
    ReleaseKind.ALPHA: "alpha, feature freeze",
    ReleaseKind.BETA: "beta",
    ReleaseKind.RC: "release candidate",
    ReleaseKind.FINAL: "final release",
    ReleaseKind.PATCH: "patch release",
    ReleaseKind.SECURITY: "security release",
}


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    """A milestone of the cycle with its label and date."""

    label: str
    cell: MilestoneCell
    day: date | None


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release of the cycle; `x` is its position in the window as a fraction, if it is inside."""

    version: str
    kind: str
    words: str
    cell: MilestoneCell
    x: float | None
    to_come: bool


def cycle_page(
    product: Product, this: ReleaseCycle, query: RoadmapQuery, absolute: AbsoluteUrl
) -> dict[str, Any]:
    """Return the template context of the page of a release cycle.

    Args:
        product: The product, as `selectors.product_page` reads it.
        this: One of its cycles.
        query: The date and window of the page.
        absolute: Makes a path an absolute URL.
    """
    window = query.window if query.start or query.last else window_of([this.lifecycle], query.on)
    alternates = cycle_alternates(product, this, query)
    return {
        "product": product,
        "cycle": this.as_of(query.on),
        "query": query,
        "problems": query.problems,
        "row": row_of(product, this, window, query.on),
        "sentence": status_sentence(this.lifecycle, query.on),
        "advice": _advice(product, this, query.on),
        "axis": axis_of(query, window),
        "milestones": _milestones(product, this.lifecycle, query.on),
        "releases": [_release_line(each, window, query.on) for each in _newest_first(this)],
        "own": _own_columns(product, this),
        "beside": neighbours(list(product.cycles.all()), this),
        "structured": breadcrumbs(this.get_absolute_url(), [product.label, this.name], absolute),
        "alternates": alternates,
        "webcal": webcal(absolute, alternates),
        "badge": snippets(absolute, product, this),
        "data_age": selectors.data_age(product, query.on),
    }


def _advice(product: Product, cycle: ReleaseCycle, on: date) -> str:
    """Return advice if only extended support remains that is not free, and else ""."""
    extended_only = status_on(cycle.lifecycle, on) is Status.EXTENDED
    return unless(cycle.lifecycle) if extended_only and selectors.is_installed(product) else ""


def neighbours(
    cycles: list[ReleaseCycle], this: ReleaseCycle
) -> list[tuple[str, ReleaseCycle | None]]:
    """Return the cycles next to a cycle, and the next LTS cycles, with their labels.

    Args:
        cycles: All cycles of the product in its order, newest first.
        this: One of them.
    """
    place = cycles.index(this)
    newer, older = cycles[:place][::-1], cycles[place + 1 :]
    return [
        ("Newer", next(iter(newer), None)),
        ("Next LTS", next(filter(_lts, newer), None)),
        ("Older", next(iter(older), None)),
        ("LTS before", next(filter(_lts, older), None)),
    ]


def _lts(cycle: ReleaseCycle) -> bool:
    """Return whether a cycle is LTS, now or later."""
    return is_lts(cycle.milestones, date.max)


def _milestones(product: Product, lifecycle: Lifecycle, on: date) -> list[MilestoneLine]:
    """Return the milestones that apply, by date; those without a date come last."""
    lines = []
    for name, spec in MILESTONES.items():
        value = getattr(lifecycle, name)
        column = product.columns.get(name)
        if value is None or (name == "lts" and isinstance(value, bool)):
            continue
        cell = milestone_cell(spec, value, on)
        day = value.date if isinstance(value, PartialDate) else None
        own = f" ({column.label})" if column and column.label and column.shown else ""
        lines.append(MilestoneLine(f"{spec.label}{own}", cell, day))
    return sorted(lines, key=lambda line: line.day or date.max)


def _release_line(release: Release, window: Window, on: date) -> ReleaseLine:
    day = release.day
    kind = ReleaseKind(release.kind)
    cell = MilestoneCell(str(day), day, on) if day else MilestoneCell("")
    return ReleaseLine(
        version=release.version,
        kind=kind.value,
        words=KIND_WORDS[kind],
        cell=cell,
        x=window.fraction(day.date) if day and day.date in window else None,
        to_come=day is not None and day.date > on,
    )


def _newest_first(cycle: ReleaseCycle) -> list[Release]:
    return sorted(cycle.recorded, key=lambda release: version_key(release.version), reverse=True)


def _own_columns(product: Product, cycle: ReleaseCycle) -> list[tuple[CustomField, str]]:
    return [
        (field, str(cycle.custom[field.name]))
        for field in product.custom_fields.all()
        if cycle.custom.get(field.name)
    ]
