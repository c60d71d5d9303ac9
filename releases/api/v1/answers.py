"""Rows of the catalogue as API v1 answers them. Pure functions; keys stand in upstream's order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from releases.domain.columns import COLUMN_LABELS
from releases.domain.lifecycle import end_reached, is_lts, is_maintained
from releases.domain.milestones import MilestoneValue, PartialDate
from releases.formats.labels import cycle_label, latest_link
from releases.formats.liquid import plain_text
from releases.formats.raw import raw_cycles, raw_product
from releases.models import Product, ReleaseCycle

ICON: Final = "https://cdn.jsdelivr.net/npm/simple-icons/icons/{}.svg"
LABELLED: Final = ("eoas", "discontinued", "eol", "eoes")
ENDS: Final = (
    ("eoas", "isEoas", "eoasFrom"),
    ("eol", "isEol", "eolFrom"),
    ("discontinued", "isDiscontinued", "discontinuedFrom"),
    ("eoes", "isEoes", "eoesFrom"),
)
"""The ends of a cycle with their two keys."""

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses on the host that was asked; `site` is the root of the site, without a slash."""

    site: str

    def api(self, *path: str) -> str:
        return "/".join((f"{self.site}/api/v1", *path))

    def links(self, kind: str, names: Iterable[str], end: str = "") -> list[Data]:
        """Each name with its address below `kind`."""
        return [{"name": name, "uri": self.api(kind, name) + end} for name in names]


def summary(product: Product, addresses: Addresses) -> Data:
    """A product in a list; its tags and aliases are best prefetched."""
    return _product(product) | {"uri": addresses.api("products", product.name)}


def details(product: Product, on: date, addresses: Addresses) -> Data:
    """A product with its cycles; all that belongs to it is best prefetched."""
    return _product(product) | {
        "versionCommand": product.version_command or None,
        "identifiers": [
            {"type": each.type, "id": each.value} for each in product.identifiers.all()
        ],
        "labels": {name: _label(product, name) for name in LABELLED},
        "links": {
            "icon": ICON.format(product.icon) if product.icon else None,
            "html": f"{addresses.site}/{product.name}",
            "releasePolicy": product.policy_link or None,
        },
        "releases": cycles(product, on),
    }


def cycles(product: Product, on: date) -> list[Data]:
    """The cycles of a product; they and its custom fields are best prefetched."""
    fields = [field.name for field in product.custom_fields.all()]
    empty = _empty_codenames(product)
    return [
        _cycle(product, cycle, on, fields=fields, codename="" if cycle.name in empty else None)
        for cycle in product.cycles.all()
    ]


def tags(product: Product) -> list[str]:
    """The tags of a product. Its category is one of them. Source: v1 of the public API."""
    names = {tag.name for tag in product.tags.all()}
    return sorted(names | {product.category.name} if product.category else names)


def _product(product: Product) -> Data:
    return {
        "name": product.name,
        "aliases": [alias.name for alias in product.aliases.all()],
        "label": product.label,
        "category": product.category.name if product.category else None,
        "tags": tags(product),
    }


def _label(product: Product, name: str) -> str | None:
    """What the product calls an end; None where it does not show it."""
    if not getattr(product, f"show_{name}"):
        return None
    return plain_text(getattr(product, f"{name}_label")) or COLUMN_LABELS[name]


def _empty_codenames(product: Product) -> set[str]:
    """The cycles of which the product's file says that their codename is empty."""
    text = getattr(product, "empty_codenames", "")
    given = raw_cycles(raw_product(text))
    return {name for name, cycle in given.items() if cycle.get("codename") == ""}


def _cycle(
    product: Product, cycle: ReleaseCycle, on: date, *, fields: list[str], codename: str | None
) -> Data:
    """A cycle; `codename` is what stands for one that is not known."""
    life = cycle.life
    data: Data = {
        "name": cycle.name,
        "codename": cycle.codename or codename,
        "label": cycle_label(product, cycle, on),
        "releaseDate": _day(life.release),
        "isLts": is_lts(life, on),
        "ltsFrom": _day(life.lts),
    }
    for name, reached, day in ENDS:
        # The public API always tells the end of life, even where its column is hidden.
        if name == "eol" or getattr(product, f"show_{name}"):
            end = getattr(life, name)
            data[reached] = None if end is None else end_reached(end, on)
            data[day] = _day(end)
    data["isMaintained"] = is_maintained(life, on)
    data["latest"] = _latest(product, cycle)
    data["custom"] = {name: cycle.custom.get(name) for name in fields} if fields else None
    return data


def _latest(product: Product, cycle: ReleaseCycle) -> Data | None:
    if not product.show_latest or not cycle.latest:
        return None
    return {
        "name": cycle.latest,
        "date": cycle.latest_date and cycle.latest_date.isoformat(),
        "link": latest_link(product, cycle) or None,
    }


def _day(value: MilestoneValue) -> str | None:
    return value.date.isoformat() if isinstance(value, PartialDate) else None
