"""A product as plain values, from a file or from the tables.

The three-way merge compares three such sets: of the last import, of the tables, of the file. They
are JSON, because the first is kept in a column; a milestone is the text that its form field shows.

A product or cycle that was renamed here follows its source under its own name, which is reported as
a local edit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, format_milestone
from releases.formats.product_files.records import CycleRecord, ProductRecord
from releases.formats.product_files.upgrade_notes import UpgradeNoteRecord
from releases.models import Product, ReleaseCycle, UpgradeNote

T = TypeVar("T")
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
    "description",
)
CYCLE_FIELDS = ("codename", "label", "latest", "link", "no_link", "stale_days")
NOTE_FIELDS = ("key", "from_cycle", "to_cycle", "title", "text", "severity")
CUSTOM_FIELD_FIELDS = ("name", "display", "label", "description", "link")

WHOLE = (
    *("tags", "aliases", "identifiers", "custom_fields"),
    *("cycles__releases", "cycles__aliases"),
)
"""All that belongs to a product besides its category, to prefetch."""

# What most sources know nothing of: where a file does not say it, it does not say "none".
UNSAID_OF_PRODUCT: Values = {"featured": None, "patches_only_fix": False, "extended_terms": ""}
UNSAID_OF_CYCLE: Values = {"releases": {}, "former_names": []}


@dataclass(frozen=True, slots=True)
class SourceValues:
    """What a source, or the tables here, say of a product and, by name and in its order, of each
    of its cycles. A value that a source does not speak of is not there."""

    product: Values
    cycles: dict[str, Values]


def record_values(product: ProductRecord) -> SourceValues:
    """Return the values of a product file."""
    cycles = {cycle.name: cycle_values(cycle) for cycle in product.cycles}
    return SourceValues(product_values(product), cycles)


def product_values(product: ProductRecord) -> Values:
    """The values of a product of a file, its cycles aside."""
    values = _product_values(product) | {
        "category": product.category,
        "tags": sorted(product.tags),
        "aliases": list(product.aliases),
        "identifiers": [[each.type, each.value] for each in product.identifiers],
        "custom_fields": [_custom_field(each) for each in product.custom_fields],
    }
    said = {name: _plain(getattr(product, name)) for name in UNSAID_OF_PRODUCT}
    return values | {
        name: value for name, value in said.items() if value != UNSAID_OF_PRODUCT[name]
    }


def product_values_here(product: Product) -> Values:
    """The values of a product of the tables; its relations are best prefetched."""
    return _product_values(product) | {
        "featured": product.featured,
        "patches_only_fix": product.patches_only_fix,
        "extended_terms": product.extended_terms,
        "category": product.category.name if product.category else "",
        "tags": sorted(tag.name for tag in product.tags.all()),
        "aliases": [alias.name for alias in product.aliases.all()],
        "identifiers": [[each.type, each.value] for each in product.identifiers.all()],
        "custom_fields": [_custom_field(each) for each in product.custom_fields.all()],
    }


def cycle_values(cycle: CycleRecord) -> Values:
    """The values of a cycle of a file."""
    releases = _by_version((each.version, each.kind.value, each.date) for each in cycle.releases)
    said: Values = {"releases": releases} if releases else {}
    if cycle.former_names:
        said["former_names"] = list(cycle.former_names)
    return _cycle_values(cycle) | said


def cycle_values_here(cycle: ReleaseCycle) -> Values:
    """The values of a cycle of the tables; its releases and former names are best prefetched."""
    return _cycle_values(cycle) | {
        "former_names": former_names(cycle),
        "releases": _by_version(
            (each.version, each.kind, each.day) for each in cycle.releases.all()
        ),
    }


def former_names(cycle: ReleaseCycle) -> list[str]:
    """Return the former names of a cycle in its product; they are best prefetched."""
    aliases = cycle.aliases.all()
    return [alias.name for alias in aliases if alias.product_id == cycle.product_id]


def note_values(note: UpgradeNoteRecord | UpgradeNote) -> Values:
    """The values of a note on upgrades, of a file or of the tables; its place aside."""
    return {name: _plain(str(getattr(note, name))) for name in NOTE_FIELDS}


def values_here(product: Product) -> SourceValues:
    """Return the values in the tables; all that belongs to the product is best prefetched."""
    cycles = {cycle.name: cycle_values_here(cycle) for cycle in product.cycles.all()}
    return SourceValues(product_values_here(product), cycles)


def present_names(product: Product, names: Collection[str]) -> dict[str, str]:
    """Return the names that cycles have here by those that a source has for them, where they
    differ: cycles that were renamed here, which the source calls by a former name.

    A name in use goes before a former one, on both sides. Former names are best prefetched.

    Args:
        product: The product that is here.
        names: The names of cycles that a source has.
    """
    here = {cycle.name for cycle in product.cycles.all()}
    found: dict[str, str] = {}
    for cycle in product.cycles.all():
        known = [name for name in former_names(cycle) if name in names and name not in here]
        if known and cycle.name not in names:
            found[known[-1]] = cycle.name
    return found


def under_present_names(cycles: Mapping[str, T], product: Product) -> dict[str, T]:
    """Return what a source has of cycles, by the names that these have here."""
    names = present_names(product, cycles.keys())
    return {names.get(name, name): value for name, value in cycles.items()}


def base_under_present_names(base: Values, product: Product) -> Values:
    """Return the base of a merge with the names that cycles have here."""
    names = present_names(product, base["cycles"].keys())
    return base | {
        "cycles": {names.get(name, name): value for name, value in base["cycles"].items()},
        "order": [names.get(name, name) for name in base["order"]],
    }


def _product_values(product: ProductRecord | Product) -> Values:
    return (
        {name: _plain(getattr(product, name)) for name in PRODUCT_FIELDS}
        | _column_values(product)
        | {"added_on": day_text(product.added_on)}
    )


def _cycle_values(cycle: CycleRecord | ReleaseCycle) -> Values:
    life = cycle.lifecycle
    return (
        {name: _plain(getattr(cycle, name)) for name in CYCLE_FIELDS}
        | {name: format_milestone(getattr(life, name)) for name in MILESTONES}
        | {
            "latest_date": day_text(cycle.latest_date),
            "custom": {name: _plain(value) for name, value in cycle.custom.items()},
        }
    )


def _column_values(product: ProductRecord | Product) -> Values:
    values: Values = {}
    for name, column in product.columns.items():
        values |= {f"show_{name}": column.shown, f"{name}_label": _plain(column.label)}
    return values


def _custom_field(field: object) -> Values:
    return {name: _plain(str(getattr(field, name))) for name in CUSTOM_FIELD_FIELDS}


def day_text(day: date | None) -> str:
    """A day as a value; empty where there is none."""
    return format_milestone(PartialDate(day)) if day else ""


def _by_version(releases: Iterable[tuple[str, str, PartialDate | None]]) -> Values:
    """Kind and date of releases by version."""
    return {version: [kind, format_milestone(day)] for version, kind, day in releases}


def _plain(value: object) -> object:
    """A text as a form gives it back, so that saving one unchanged is not an edit."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value
