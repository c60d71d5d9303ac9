"""What the history keeps beside the package's own doing."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from releases.models import Alias, Identifier, Product, Tag
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


def tags_of_last(product: Product) -> list[str]:
    last = product.history.first()
    return sorted(row.tag.name for row in last.tags.all())


def test_tags_are_kept() -> None:
    product = make_product(tags=["web"])
    assert tags_of_last(product) == ["web"]
    product.tags.clear()
    assert tags_of_last(product) == []


def test_tags_are_kept_that_are_set_from_their_side() -> None:
    product = make_product(tags=["web"])
    Tag.objects.create(name="python").products.add(product)
    assert tags_of_last(product) == ["python", "web"]


def test_a_row_of_history_tells_of_a_life_as_a_cycle_does() -> None:
    cycle = make_cycle(make_product(), release="2025-04", eol="2028-04-30")
    assert cycle.history.get().life == cycle.life


def test_a_migration_begins_the_history_of_what_had_none() -> None:
    """Aliases, identifiers and tags from before it are not lost when they are deleted after it."""
    product = make_product(aliases=["dj"], tags=["web"])
    product.identifiers.create(type="purl", value="pkg:pypi/django")
    for model in (Alias, Identifier, Product):
        model.history.all().delete()
    product.save()
    apps.get_model("releases", "HistoricalProduct_tags").objects.all().delete()
    begin = importlib.import_module("releases.migrations.0009_history_of_relations").begin
    begin(apps, SimpleNamespace(connection=connection))
    assert Alias.history.get().name == "dj"
    assert Identifier.history.get().value == "pkg:pypi/django"
    assert tags_of_last(product) == ["web"]
