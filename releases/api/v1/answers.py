"""Make responses of API v1 of rows of the catalogue, with keys in upstream's order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from releases.api.v1.schemas import Cycle, Labels
from releases.domain.lifecycle.milestones import MILESTONES, MilestoneValue, PartialDate
from releases.domain.lifecycle.status import end_reached, is_lts_in_public_api, is_maintained
from releases.domain.roadmap.columns import SUPPORT_COLUMNS
from releases.formats.api_v1 import COLUMNS
from releases.formats.labels import cycle_label, latest_link
from releases.formats.liquid import plain_text
from releases.formats.product_files.raw import raw_cycles, raw_product, stored_text
from releases.models import Product, ReleaseCycle

ICON: Final = "https://cdn.jsdelivr.net/npm/simple-icons/icons/{}.svg"
_KEYS: Final = [field.alias for field in Cycle.model_fields.values()]
ENDS: Final = sorted(
    (MILESTONES[name] for name in COLUMNS), key=lambda spec: _KEYS.index(spec.api_v1_flag)
)
"""The ends of a cycle in the order of the schema."""

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs on the host of the request; `site` is the root of the site, without a slash."""

    site: str

    def api(self, *path: str) -> str:
        return "/".join((f"{self.site}/api/v1", *path))

    def links(self, kind: str, names: Iterable[str], end: str = "") -> list[Data]:
        """Return each name with its URI below `kind`."""
        return [{"name": name, "uri": self.api(kind, name) + end} for name in names]


def summary(product: Product, addresses: Addresses) -> Data:
    """Return a product in a list. Prefetch its tags and aliases."""
    return _product(product) | {"uri": addresses.api("products", product.name)}


def details(product: Product, on: date, addresses: Addresses) -> Data:
    """Return a product with its cycles on a date. Prefetch all that belongs to it."""
    file = _file(product)
    return _product(product) | {
        "versionCommand": _version_command(product, file),
        "identifiers": [
            {"type": each.type, "id": each.value} for each in product.identifiers.all()
        ],
        "labels": {name: _label(product, name) for name in Labels.model_fields},
        "links": {
            "icon": ICON.format(product.icon) if product.icon else None,
            "html": f"{addresses.site}/{product.name}",
            "releasePolicy": product.policy_link or None,
        },
        "releases": _cycles(product, on, file),
    }


def cycles(product: Product, on: date) -> list[Data]:
    """Return the cycles of a product on a date. Prefetch them and its custom fields."""
    return _cycles(product, on, _file(product))


def _cycles(product: Product, on: date, file: Data) -> list[Data]:
    fields = [field.name for field in product.custom_fields.all()]
    given = raw_cycles(file)
    return [
        _cycle(product, cycle.as_of(on), on, fields=fields, given=given.get(cycle.name, {}))
        for cycle in product.cycles.all()
    ]


def tags(product: Product) -> list[str]:
    """Return the tags of a product, with its category among them. Source: v1 of the public API."""
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
    """Return the product's label of an end, or None if it does not show it."""
    if not getattr(product, f"show_{name}"):
        return None
    return plain_text(getattr(product, f"{name}_label")) or SUPPORT_COLUMNS[name].label


def _file(product: Product) -> Data:
    """Return the front matter of the product's file if it has what no column holds, else {}."""
    return raw_product(getattr(product, "needed_file", ""))


def _version_command(product: Product, file: Data) -> str | None:
    """Return the version command as the file writes it, unless it was edited since."""
    given = file.get("versionCommand", file.get("command"))
    if isinstance(given, str) and stored_text(given) == product.version_command:
        return given or None
    return product.version_command or None


def _cycle(
    product: Product, cycle: ReleaseCycle, on: date, *, fields: list[str], given: Data
) -> Data:
    """Return a cycle; `given` are its keys in the product file that no column holds."""
    life = cycle.lifecycle
    data: Data = {
        "name": cycle.name,
        "codename": cycle.codename or _empty(given, "codename"),
        "label": cycle_label(product, cycle, on, is_lts_in_public_api),
        "releaseDate": _day(life.release),
        "isLts": is_lts_in_public_api(life, on),
        "ltsFrom": _day(life.lts),
    }
    for spec in ENDS:
        # The public API always tells the end of life, even where its column is hidden.
        if spec.name == "eol" or getattr(product, f"show_{spec.name}"):
            end = getattr(life, spec.name)
            data[spec.api_v1_flag] = None if end is None else end_reached(end, on)
            data[spec.api_v1_date] = _day(end)
    data["isMaintained"] = is_maintained(life, on)
    data["latest"] = _latest(product, cycle, given)
    data["custom"] = {name: cycle.custom.get(name) for name in fields} if fields else None
    return data


def _empty(given: Data, key: str) -> str | None:
    """Return the value of an unknown text: "" if the file writes it, else None.

    Source: v1 of the public API.
    """
    return "" if given.get(key) == "" else None


def _latest(product: Product, cycle: ReleaseCycle, given: Data) -> Data | None:
    name = cycle.latest or _empty(given, "latest")
    if not product.show_latest or name is None:
        return None
    return {
        "name": name,
        "date": cycle.latest_date and cycle.latest_date.isoformat(),
        "link": latest_link(product, cycle) or None,
    }


def _day(value: MilestoneValue) -> str | None:
    return value.date.isoformat() if isinstance(value, PartialDate) else None
