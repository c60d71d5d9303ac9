"""What anonymous people see of drafts, table by table: nothing, until they are published."""

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
OF_CYCLE = (ReleaseCycle, CycleAlias, Release)


@pytest.fixture
def product() -> Product:
    """One row of each table."""
    product = make_product(aliases=["dj"], tags=["web"])
    product.identifiers.create(type="purl", value="pkg:pypi/django")
    make_custom_field(product, "python")
    make_note(product)
    make_release(make_cycle(product, aliases=["5.x"]), "5.2.1")
    return product


def seen() -> set[type[Any]]:
    return {model for model in (*OF_PRODUCT, *OF_CYCLE, Tag) if model.objects.public().exists()}


@pytest.mark.usefixtures("product")
def test_what_is_no_draft_is_public() -> None:
    assert seen() == {*OF_PRODUCT, *OF_CYCLE, Tag}


def test_of_a_draft_nothing_is(product: Product) -> None:
    Product.objects.update(draft=True)
    assert seen() == {Tag}


def test_of_a_draft_cycle_its_releases_are_not(product: Product) -> None:
    ReleaseCycle.objects.update(draft=True)
    assert seen() == {*OF_PRODUCT, Tag}


@pytest.mark.parametrize(("days", "public"), [(-1, True), (0, True), (1, False)])
@pytest.mark.parametrize("model", [Product, ReleaseCycle])
def test_a_draft_is_published_on_its_day(
    product: Product, on: date, model: Any, days: int, public: bool
) -> None:
    model.objects.update(draft=True, publish_on=on + timedelta(days=days))
    assert Release.objects.public().exists() is public


def test_the_day_of_a_cycle_does_not_publish_its_product(product: Product, on: date) -> None:
    Product.objects.update(draft=True)
    ReleaseCycle.objects.update(draft=True, publish_on=on)
    assert seen() == {Tag}


@pytest.mark.parametrize("days", [None, -1, 0, 1])
@pytest.mark.parametrize("model", [Product, ReleaseCycle, UpgradeNote])
def test_a_row_at_hand_is_judged_as_the_database_does(
    product: Product, on: date, model: Any, days: int | None
) -> None:
    day = None if days is None else on + timedelta(days=days)
    model.objects.update(draft=True, publish_on=day)
    for each in (Product, ReleaseCycle, Release, UpgradeNote):
        assert is_published(each.objects.get(), on) is each.objects.public().exists()


def note_is_public(product: Product, today: date) -> bool:
    """As the database says, and as the row at hand does."""
    found = product.upgrade_notes.public().exists()
    assert is_published(product.upgrade_notes.get(), today) is found
    return bool(found)


def test_a_draft_note_is_not_public(product: Product, on: date) -> None:
    UpgradeNote.objects.update(draft=True, publish_on=on + timedelta(days=1))
    assert not note_is_public(product, on)
    UpgradeNote.objects.update(publish_on=on)
    assert note_is_public(product, on)


@pytest.mark.parametrize("end", ["from_cycle", "to_cycle"])
def test_a_note_is_as_public_as_the_cycles_that_it_names(
    product: Product, on: date, end: str
) -> None:
    """Not by a cycle of that name of another product."""
    make_cycle(make_product("python"), "6.0", draft=True)
    UpgradeNote.objects.update(**{end: "6.0"})
    assert note_is_public(product, on)
    cycle = make_cycle(product, "6.0", draft=True)
    assert not note_is_public(product, on)
    for days, public in ((1, False), (0, True)):
        ReleaseCycle.objects.filter(pk=cycle.pk).update(publish_on=on + timedelta(days=days))
        assert note_is_public(product, on) is public


def test_a_note_on_a_draft_that_was_deleted_stays_hidden(product: Product, on: date) -> None:
    """What was called off is as secret as what is not published yet; until there is a public cycle
    of that name."""
    UpgradeNote.objects.update(from_cycle="5.2", to_cycle="6.0")
    cycle = make_cycle(product, "6.0", draft=True)
    cycle.delete()
    assert not note_is_public(product, on)
    make_cycle(product, "6.0")
    assert note_is_public(product, on)


def test_a_note_on_a_former_name_of_a_draft_is_hidden(product: Product, on: date) -> None:
    UpgradeNote.objects.update(to_cycle="6.0")
    cycle = make_cycle(product, "6.1", draft=True)
    CycleAlias.objects.create(product=product, cycle=cycle, name="6.0")
    assert not note_is_public(product, on)
    ReleaseCycle.objects.update(draft=False)
    assert note_is_public(product, on)


def test_a_note_on_a_public_cycle_that_was_deleted_stays(product: Product, on: date) -> None:
    UpgradeNote.objects.update(from_cycle="5.2")
    product.cycles.get().delete()
    assert note_is_public(product, on)


def test_only_a_draft_has_a_day(product: Product, on: date) -> None:
    product.publish_on = on
    for row in (product, product.cycles.get(), product.upgrade_notes.get()):
        row.publish_on = on
        with pytest.raises(ValidationError, match="Only a draft is published on a day") as error:
            row.full_clean()
        assert list(error.value.message_dict) == ["publish_on"]
    with pytest.raises(IntegrityError), transaction.atomic():
        product.save()
