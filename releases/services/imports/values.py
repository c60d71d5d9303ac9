"""The values of a product as plain JSON, from a file or from the tables.

The three-way merge compares three such sets: of the last import, of the tables, of the file. They
are JSON because a column stores the first one; milestones are texts as in their form fields.

A product or cycle that was renamed here follows its source under its local name, which is reported
as a local edit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from releases.domain.lifecycle.milestones import MILESTONES, PartialDate, format_milestone
from releases.domain.upgrade.rules import RULE_DEFAULTS
from releases.formats.product_files.records import CycleRecord, IdentifierRecord, ProductRecord
from releases.formats.product_files.upgrade_notes import UpgradeNoteRecord
from releases.models import CycleIdentifier, Identifier, Product, ReleaseCycle, UpgradeNote
from releases.models.upgrade_rule import RULE_COLUMNS

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
NOTE_FIELDS = ("key", "from_cycle", "to_cycle", "runtime", "title", "text", "severity")
CUSTOM_FIELD_FIELDS = ("name", "display", "label", "description", "link")

WHOLE = (
    *("tags", "aliases", "identifiers", "custom_fields"),
    *("cycles__releases", "cycles__aliases", "cycles__identifiers"),
)
"""The relations to prefetch for everything that belongs to a product, except for its category."""

# Defaults of values that most sources lack: a file without one states nothing about it.
_OPTIONAL: Values = {
    "featured": None,
    "patches_only_fix": False,
    "extended_terms": "",
    "vendor": "",
    "vendor_link": "",
}
OPTIONAL_PRODUCT_VALUES: Values = _OPTIONAL | {
    "main_identifier": [],
    **{RULE_COLUMNS[name]: "" if value is None else value for name, value in RULE_DEFAULTS.items()},
}
OPTIONAL_CYCLE_VALUES: Values = {
    "releases": {},
    "former_names": [],
    "versions": "",
    "identifiers": [],
}


@dataclass(frozen=True, slots=True)
class SourceValues:
    """The values of a product, and of its cycles by name in their order.

    They are from a source or from the tables. Values that a source does not state are missing.
    """

    product: Values
    cycles: dict[str, Values]


def record_values(product: ProductRecord) -> SourceValues:
    """Return the values of a product file."""
    cycles = {cycle.name: cycle_values(cycle) for cycle in product.cycles}
    return SourceValues(product_values(product), cycles)


def product_values(product: ProductRecord) -> Values:
    """Return the values of a product in a file, without its cycles."""
    values = _product_values(product) | {
        "category": product.category,
        "tags": sorted(product.tags),
        "aliases": list(product.aliases),
        "identifiers": _identifiers(product.identifiers),
        "custom_fields": [_custom_field(each) for each in product.custom_fields],
    }
    optional = {name: _plain(getattr(product, name)) for name in _OPTIONAL}
    optional |= rule_values(product.rule)
    main = product.main_identifier
    optional["main_identifier"] = [main.type, main.value] if main else []
    return values | {
        name: value for name, value in optional.items() if value != OPTIONAL_PRODUCT_VALUES[name]
    }


def product_values_here(product: Product) -> Values:
    """Return the values of a product in the tables. Prefetch its relations."""
    return _product_values(product) | {
        **{name: _plain(getattr(product, name)) for name in _OPTIONAL},
        **rule_values(product.rule_values),
        "category": product.category.name if product.category else "",
        "tags": sorted(tag.name for tag in product.tags.all()),
        "aliases": [alias.name for alias in product.aliases.all()],
        "identifiers": _identifiers(product.identifiers.all()),
        "main_identifier": main_identifier(product.identifiers.all()),
        "custom_fields": [_custom_field(each) for each in product.custom_fields.all()],
    }


def rule_values(rule: Mapping[str, Any]) -> Values:
    """Return the values of an upgrade rule by the names of their columns."""
    values = {**RULE_DEFAULTS, **rule}
    values["checked_on"] = day_text(values["checked_on"])
    return {RULE_COLUMNS[name]: _plain(value) for name, value in values.items()}


def cycle_values(cycle: CycleRecord) -> Values:
    """Return the values of a cycle in a file."""
    releases = _by_version((each.version, each.kind.value, each.date) for each in cycle.releases)
    optional: Values = {
        "releases": releases,
        "former_names": list(cycle.former_names),
        "versions": cycle.versions,
        "identifiers": _identifiers(cycle.identifiers),
    }
    return _cycle_values(cycle) | {name: value for name, value in optional.items() if value}


def cycle_values_here(cycle: ReleaseCycle) -> Values:
    """Return the values of a cycle in the tables. Prefetch everything that belongs to it."""
    return _cycle_values(cycle) | {
        "former_names": former_names(cycle),
        "versions": cycle.versions,
        "identifiers": _identifiers(cycle.identifiers.all()),
        "releases": _by_version(
            (each.version, each.kind, each.day) for each in cycle.releases.all()
        ),
    }


def main_identifier(identifiers: Iterable[Identifier]) -> list[str]:
    """Return the identifier that was chosen as the main one, or an empty list."""
    return next(([each.type, each.value] for each in identifiers if each.main), [])


def _identifiers(
    identifiers: Iterable[IdentifierRecord | Identifier | CycleIdentifier],
) -> list[list[str]]:
    return [[each.type, each.value] for each in identifiers]


def former_names(cycle: ReleaseCycle) -> list[str]:
    """Return the former names of a cycle in its product. Prefetch them."""
    aliases = cycle.aliases.all()
    return [alias.name for alias in aliases if alias.product_id == cycle.product_id]


def note_values(note: UpgradeNoteRecord | UpgradeNote) -> Values:
    """Return the values of an upgrade note, of a file or of the tables, without its position."""
    return {name: _plain(str(getattr(note, name))) for name in NOTE_FIELDS}


def values_here(product: Product) -> SourceValues:
    """Return the values in the tables. Prefetch everything that belongs to the product."""
    cycles = {cycle.name: cycle_values_here(cycle) for cycle in product.cycles.all()}
    return SourceValues(product_values_here(product), cycles)


def present_names(product: Product, names: Collection[str]) -> dict[str, str]:
    """Return the local names of renamed cycles, by the names in a source.

    These cycles were renamed here, and the source has a former name of them. A name in use takes
    precedence over a former one, on both sides. Prefetch the former names.

    Args:
        product: The product in the tables.
        names: The names of cycles in a source.
    """
    here = {cycle.name for cycle in product.cycles.all()}
    found: dict[str, str] = {}
    for cycle in product.cycles.all():
        known = [name for name in former_names(cycle) if name in names and name not in here]
        if known and cycle.name not in names:
            found[known[-1]] = cycle.name
    return found


def under_present_names(cycles: Mapping[str, T], product: Product) -> dict[str, T]:
    """Return values of a source by the local names of its cycles."""
    names = present_names(product, cycles.keys())
    return {names.get(name, name): value for name, value in cycles.items()}


def base_under_present_names(base: Values, product: Product) -> Values:
    """Return the base of a merge with the local names of its cycles."""
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
    """Return a day as a value; empty if there is none."""
    return format_milestone(PartialDate(day)) if day else ""


def _by_version(releases: Iterable[tuple[str, str, PartialDate | None]]) -> Values:
    """Return kind and date of releases by version."""
    return {version: [kind, format_milestone(day)] for version, kind, day in releases}


def _plain(value: object) -> object:
    """Return a text as a form submits it, so that saving it unchanged is not an edit."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value
