"""Extensions of the history: tags, earlier rows, and simultaneous changes."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from releases.models import Alias, Identifier, Product, ReleaseCycle, Tag
from releases.models.history import one_change, set_change_reason
from releases.models.revision import bump_revision
from tests.factories import make_cycle, make_product

pytestmark = pytest.mark.django_db


def tags_of_last(product: Product) -> list[str]:
    last = product.history.first()
    return sorted(row.tag.name for row in last.tags.all())


def test_history_records_tags() -> None:
    product = make_product(tags=["web"])
    assert tags_of_last(product) == ["web"]
    product.tags.clear()
    assert tags_of_last(product) == []


def test_history_records_tags_set_on_the_tag() -> None:
    product = make_product(tags=["web"])
    Tag.objects.create(name="python").products.add(product)
    assert tags_of_last(product) == ["python", "web"]


def test_history_record_of_a_cycle_has_its_lifecycle() -> None:
    cycle = make_cycle(make_product(), release="2025-04", eol="2028-04-30")
    assert cycle.history.get().lifecycle == cycle.lifecycle


def test_migration_starts_missing_histories() -> None:
    """Aliases, identifiers and tags that are deleted later can therefore be restored."""
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


def test_writes_of_one_change_share_time_and_reason() -> None:
    """Single and bulk writes are included, and a record may have its own reason.

    A nested change belongs to the outer one.
    """
    with one_change("together"):
        product = make_product(tags=["web"])
        cycle = make_cycle(product)
        with bump_revision(), one_change("inside"):
            bulk_create_with_history([Alias(product=product, name="dj")], Alias)
            bulk_update_with_history([cycle], ReleaseCycle, ["codename"])
            set_change_reason(cycle, "its own").delete()
    rows = [*Product.history.all(), *ReleaseCycle.history.all(), *Alias.history.all()]
    assert len({row.history_date for row in rows}) == 1
    reasons = [row.history_change_reason for row in ReleaseCycle.history.all()]
    assert reasons == ["its own", "together", "together"]
    assert Alias.history.get().history_change_reason == "together"


def test_one_transaction_is_one_change() -> None:
    """Writes before and after it are separate changes."""
    product = make_product()
    with bump_revision():
        make_cycle(product, "1")
        make_cycle(product, "2")
    make_cycle(product, "3")
    third, second, first = ReleaseCycle.history.values_list("history_date", flat=True)
    assert product.history.get().history_date < first == second < third
    assert ReleaseCycle.history.first().history_change_reason is None
