"""Drafts are hidden from anonymous users in every table until they are published."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from releases.models import (
    Alias,
    CustomField,
    CycleAlias,
    CycleIdentifier,
    Identifier,
    Product,
    Release,
    ReleaseCycle,
    Tag,
    UpgradeNote,
)
from releases.models.visibility import is_published
from tests.factories import make_custom_field, make_cycle, make_note, make_product, make_release

pytestmark = pytest.mark.django_db

OF_PRODUCT = (Product, Alias, Identifier, CustomField, UpgradeNote)
OF_CYCLE = (ReleaseCycle, CycleAlias, CycleIdentifier, Release)


@pytest.fixture
def product() -> Product:
    """A product with one row of each table."""
    product = make_product(aliases=["dj"], tags=["web"])
    product.identifiers.create(type="purl", value="pkg:pypi/django")
    make_custom_field(product, "python")
    make_note(product)
    cycle = make_cycle(product, aliases=["5.x"])
    make_release(cycle, "5.2.1")
    cycle.identifiers.create(type="cpe", value="cpe:2.3:a:djangoproject:django:5.2")
    return product


def seen() -> set[type[Any]]:
    return {model for model in (*OF_PRODUCT, *OF_CYCLE, Tag) if model.objects.public().exists()}


@pytest.mark.usefixtures("product")
def test_rows_without_a_draft_are_public() -> None:
    assert seen() == {*OF_PRODUCT, *OF_CYCLE, Tag}


def test_rows_of_a_draft_product_are_hidden(product: Product) -> None:
    Product.objects.update(draft=True)
    assert seen() == {Tag}


def test_releases_of_a_draft_cycle_are_hidden(product: Product) -> None:
    ReleaseCycle.objects.update(draft=True)
    assert seen() == {*OF_PRODUCT, Tag}


@pytest.mark.parametrize(("days", "public"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("model", [Product, ReleaseCycle])
def test_draft_is_published_on_its_day(
    product: Product, on: date, model: Any, days: int, public: bool
) -> None:
    model.objects.update(draft=True, publish_on=on + timedelta(days=days))
    assert Release.objects.public().exists() is public


def test_publication_of_a_cycle_does_not_publish_its_product(product: Product, on: date) -> None:
    Product.objects.update(draft=True)
    ReleaseCycle.objects.update(draft=True, publish_on=on)
    assert seen() == {Tag}


@pytest.mark.parametrize("days", [None, -1, 0, 1])
@pytest.mark.parametrize("model", [Product, ReleaseCycle, UpgradeNote])
def test_is_published_agrees_with_the_database(
    product: Product, on: date, model: Any, days: int | None
) -> None:
    day = None if days is None else on + timedelta(days=days)
    model.objects.update(draft=True, publish_on=day)
    for each in (Product, ReleaseCycle, Release, UpgradeNote):
        assert is_published(each.objects.get(), on) is each.objects.public().exists()


def note_is_public(product: Product, today: date) -> bool:
    """Return True if the note is public, asserting that `is_published` agrees."""
    found = product.upgrade_notes.public().exists()
    assert is_published(product.upgrade_notes.get(), today) is found
    return bool(found)


def test_draft_note_is_not_public(product: Product, on: date) -> None:
    UpgradeNote.objects.update(draft=True, publish_on=on + timedelta(days=1))
    assert not note_is_public(product, on)
    UpgradeNote.objects.update(publish_on=on)
    assert note_is_public(product, on)


@pytest.mark.parametrize("end", ["from_cycle", "to_cycle"])
def test_note_is_hidden_with_the_cycles_that_it_names(product: Product, on: date, end: str) -> None:
    """Cycles of that name in other products do not count."""
    make_cycle(make_product("python"), "6.0", draft=True)
    UpgradeNote.objects.update(**{end: "6.0"})
    assert note_is_public(product, on)
    cycle = make_cycle(product, "6.0", draft=True)
    assert not note_is_public(product, on)
    for days, public in ((1, False), (0, True)):
        ReleaseCycle.objects.filter(pk=cycle.pk).update(publish_on=on + timedelta(days=days))
        assert note_is_public(product, on) is public


def test_note_on_a_deleted_draft_stays_hidden(product: Product, on: date) -> None:
    """A cancelled plan stays secret until a public cycle has that name."""
    UpgradeNote.objects.update(from_cycle="5.2", to_cycle="6.0")
    cycle = make_cycle(product, "6.0", draft=True)
    cycle.delete()
    assert not note_is_public(product, on)
    make_cycle(product, "6.0")
    assert note_is_public(product, on)


def test_note_on_a_former_name_of_a_draft_is_hidden(product: Product, on: date) -> None:
    UpgradeNote.objects.update(to_cycle="6.0")
    cycle = make_cycle(product, "6.1", draft=True)
    CycleAlias.objects.create(product=product, cycle=cycle, name="6.0")
    assert not note_is_public(product, on)
    ReleaseCycle.objects.update(draft=False)
    assert note_is_public(product, on)


def test_note_on_a_deleted_public_cycle_stays_public(product: Product, on: date) -> None:
    UpgradeNote.objects.update(from_cycle="5.2")
    product.cycles.get().delete()
    assert note_is_public(product, on)


def test_only_a_draft_has_a_publication_date(product: Product, on: date) -> None:
    product.publish_on = on
    for row in (product, product.cycles.get(), product.upgrade_notes.get()):
        row.publish_on = on
        with pytest.raises(ValidationError, match="Only a draft is published on a day") as error:
            row.full_clean()
        assert list(error.value.message_dict) == ["publish_on"]
    with pytest.raises(IntegrityError), transaction.atomic():
        product.save()
