"""A product as plain values, whether it stands in a file or in the tables.

The three-way merge compares three such sets: of the last import, of the tables, of the file. They
are JSON, because the first is kept in a column; a milestone is the text that its form field shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from releases.domain.lifecycle import MILESTONES
from releases.domain.milestones import PartialDate, format_milestone
from releases.domain.versions import version_key
from releases.formats.records import CycleRecord, ProductRecord
from releases.models import Product, ReleaseCycle

Values = dict[str, Any]

PRODUCT_FIELDS = (
    "label",
    "file_name",
    "icon",
    "version_command",
    "policy_link",
    "policy_image",
    "cycle_label",
    "lts_label",
    "changelog_template",
    "stale_days",
    "featured",
    "description",
)
CYCLE_FIELDS = ("codename", "label", "latest", "link", "no_link", "stale_days")
CUSTOM_FIELD_FIELDS = ("name", "display", "label", "description", "link")


def product_values(product: ProductRecord) -> Values:
    """The values of a product of a file, its cycles aside."""
    return (
        {name: getattr(product, name) for name in PRODUCT_FIELDS}
        | _column_values(product)
        | {
            "added_on": _day_text(product.added_on),
            "category": product.category,
            "tags": sorted(product.tags),
            "aliases": list(product.aliases),
            "identifiers": [[each.type, each.value] for each in product.identifiers],
            "custom_fields": [_custom_field(each) for each in product.custom_fields],
        }
    )


def product_values_here(product: Product) -> Values:
    """The values of a product of the tables; its relations are best prefetched."""
    return (
        {name: getattr(product, name) for name in PRODUCT_FIELDS}
        | _column_values(product)
        | {
            "added_on": _day_text(product.added_on),
            "category": product.category.name if product.category else "",
            "tags": sorted(tag.name for tag in product.tags.all()),
            "aliases": [alias.name for alias in product.aliases.all()],
            "identifiers": [[each.type, each.value] for each in product.identifiers.all()],
            "custom_fields": [_custom_field(each) for each in product.custom_fields.all()],
        }
    )


def cycle_values(cycle: CycleRecord) -> Values:
    """The values of a cycle of a file."""
    return _cycle_values(cycle) | {
        "releases": _in_order(
            [release.version, release.kind.value, format_milestone(release.date)]
            for release in cycle.releases
        )
    }


def cycle_values_here(cycle: ReleaseCycle) -> Values:
    """The values of a cycle of the tables; its releases are best prefetched."""
    return _cycle_values(cycle) | {
        "releases": _in_order(
            [release.version, release.kind, format_milestone(release.day)]
            for release in cycle.releases.all()
        )
    }


def _cycle_values(cycle: CycleRecord | ReleaseCycle) -> Values:
    life = cycle.life
    return (
        {name: getattr(cycle, name) for name in CYCLE_FIELDS}
        | {name: format_milestone(getattr(life, name)) for name in MILESTONES}
        | {"latest_date": _day_text(cycle.latest_date), "custom": dict(cycle.custom)}
    )


def _column_values(product: ProductRecord | Product) -> Values:
    values: Values = {}
    for name, column in product.columns.items():
        values |= {f"show_{name}": column.shown, f"{name}_label": column.label}
    return values


def _custom_field(field: object) -> Values:
    return {name: str(getattr(field, name)) for name in CUSTOM_FIELD_FIELDS}


def _day_text(day: date | None) -> str:
    return format_milestone(PartialDate(day)) if day else ""


def _in_order(releases: Iterable[list[str]]) -> list[list[str]]:
    """Releases in the order of their versions: tables and files may list them otherwise."""
    return sorted(releases, key=lambda release: version_key(release[0]))
