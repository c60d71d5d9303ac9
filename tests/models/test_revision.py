"""Every write to the catalogue bumps the revision, for every method of the ORM."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from releases import selectors
from releases.models import (
    Alias,
    ApiToken,
    Category,
    Message,
    Notice,
    Product,
    ReleaseCycle,
    Revision,
    Subscription,
    Tag,
    Upload,
    Upstream,
)
from releases.models.querysets import CatalogueManager, CatalogueModel
from releases.models.revision import bump_revision
from tests.factories import make_cycle, make_product, make_release

pytestmark = pytest.mark.django_db


def rename(product: Product) -> None:
    product.label = "Renamed"
    product.save()


def bulk_update(product: Product) -> None:
    product.label = "Renamed"
    Product.objects.bulk_update([product], ["label"])


def change_by_relation(product: Product) -> None:
    product.cycles.update(latest="5.2.99")


def load_fixture(product: Product) -> None:
    Path("fixture.json").write_text(
        json.dumps([{"model": "releases.tag", "pk": 77, "fields": {"name": "of-a-fixture"}}])
    )
    call_command("loaddata", "fixture.json", verbosity=0)


WRITES: dict[str, Callable[[Product], object]] = {
    "save": rename,
    "save of some fields": lambda product: product.save(update_fields=["label"]),
    "create": lambda product: make_cycle(product, "6.0"),
    "create by relation": lambda product: product.aliases.create(name="other"),
    "get_or_create": lambda product: Category.objects.get_or_create(name="new"),
    "update_or_create": lambda product: Category.objects.update_or_create(name="newer"),
    "update": lambda product: Product.objects.update(label="Renamed"),
    "update by relation": change_by_relation,
    "bulk_create": lambda product: Alias.objects.bulk_create([Alias(product=product, name="b")]),
    "bulk_update": bulk_update,
    "delete": lambda product: product.delete(),
    "delete of what a product has": lambda product: ReleaseCycle.objects.get().delete(),
    "delete of many": lambda product: ReleaseCycle.objects.all().delete(),
    "release": lambda product: make_release(ReleaseCycle.objects.get(), "5.2.1"),
    "tags set": lambda product: product.tags.set(Tag.objects.all()),
    "tag added": lambda product: product.tags.add(*Tag.objects.all()),
    "tag added from its side": lambda product: Tag.objects.all()[0].products.set([product]),
    "fixture": load_fixture,
}


@pytest.fixture
def product() -> Product:
    product = make_product("django")
    make_cycle(product, "5.2")
    Tag.objects.create(name="framework")
    return product


@pytest.mark.parametrize("way", WRITES)
def test_write_bumps_the_revision(
    way: str, product: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = selectors.last_write().revision
    WRITES[way](product)
    assert selectors.last_write().revision != before
    assert Revision.objects.count() == 1


def test_removing_a_tag_bumps_the_revision(product: Product) -> None:
    product.tags.set(Tag.objects.all())
    before = selectors.last_write().revision
    product.tags.clear()
    assert selectors.last_write().revision != before


def test_read_does_not_bump_the_revision(product: Product) -> None:
    before = selectors.last_write().revision
    list(Product.objects.public().prefetch_related("cycles__releases", "tags"))
    assert selectors.last_write().revision == before


def test_rolled_back_write_does_not_bump_the_revision(product: Product) -> None:
    before = selectors.last_write().revision
    with transaction.atomic():
        rename(product)
        transaction.set_rollback(True)
    assert selectors.last_write().revision == before


def test_many_writes_in_one_block_bump_the_revision_once(product: Product) -> None:
    with CaptureQueriesContext(connection) as queries, bump_revision():
        rename(product)
        product.cycles.update(latest="5.2.99")
    assert len([q for q in queries if "releases_revision" in q["sql"]]) == 1


def test_every_table_of_the_catalogue_bumps_the_revision() -> None:
    """Pages would be outdated if a new model did not."""
    own = {
        model
        for model in apps.get_app_config("releases").get_models()
        if not model.__name__.startswith("Historical")
    }
    for model in own - {ApiToken, Message, Notice, Revision, Subscription, Upload, Upstream}:
        assert issubclass(model, CatalogueModel), model
        assert isinstance(model._default_manager, CatalogueManager), model


def test_no_revision_exists_before_the_first_write() -> None:
    Revision.objects.all().delete()
    assert selectors.last_write().revision == ""
