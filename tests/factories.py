"""Factories for model instances: sensible defaults, no random data."""

from __future__ import annotations

from typing import Any

from releases.domain.lifecycle.milestones import MILESTONES, parse_milestone
from releases.models import (
    Alias,
    Category,
    CustomField,
    CycleAlias,
    Product,
    Release,
    ReleaseCycle,
    Tag,
    UpgradeNote,
)


def make_product(name: str = "django", **values: Any) -> Product:
    """Create a product; `category`, `tags` and `aliases` are given by name."""
    category, tags = values.pop("category", ""), values.pop("tags", ())
    aliases = values.pop("aliases", ())
    if category:
        values["category"] = Category.objects.get_or_create(name=category)[0]
    product = Product.objects.create(**{"name": name, "label": name.title()} | values)
    if tags:
        product.tags.set(Tag.objects.get_or_create(name=tag)[0] for tag in tags)
    Alias.objects.bulk_create(Alias(product=product, name=alias) for alias in aliases)
    return product


def new_cycle(product: Product, name: str, **values: Any) -> ReleaseCycle:
    """Return an unsaved cycle for `bulk_create`; milestones are given as text."""
    for milestone in MILESTONES:
        if milestone in values:
            values[milestone] = parse_milestone(values[milestone])
    cycle = ReleaseCycle(product=product, name=name)
    for field, value in values.items():
        setattr(cycle, field, value)
    return cycle


def make_cycle(product: Product, name: str = "5.2", **values: Any) -> ReleaseCycle:
    """Create a cycle: `make_cycle(django, release="2025-04-02", eol="2028-04-30")`.

    Milestones are given as text. Each new cycle is placed below the existing ones, as in a file.
    """
    values.setdefault("position", product.cycles.count())
    aliases = values.pop("aliases", ())
    cycle = new_cycle(product, name, **values)
    cycle.save()
    CycleAlias.objects.bulk_create(
        CycleAlias(product=product, cycle=cycle, name=alias) for alias in aliases
    )
    return cycle


def make_release(cycle: ReleaseCycle, version: str, **values: Any) -> Release:
    return Release.objects.create(cycle=cycle, version=version, **values)


def make_custom_field(product: Product, name: str, **values: Any) -> CustomField:
    return CustomField.objects.create(product=product, name=name, **{"label": name} | values)


def make_note(product: Product, key: str = "note", **values: Any) -> UpgradeNote:
    return UpgradeNote.objects.create(product=product, key=key, **{"title": key} | values)
